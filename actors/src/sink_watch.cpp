// SPDX-License-Identifier: BSD-3-Clause
#include "sink_watch.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/attachable.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace actornet {

namespace {

/// Hangs on a sink. The thread of its functions is the dying sink's.
class death_notice final : public caf::attachable {
public:
  // CAF numbers its own kinds of attachables from 0 up, and `handler_watches` has another.
  static constexpr std::size_t kind = 0xac71;

  death_notice(const sink_watch* whose, sink_watch::notice on_death)
      : whose_(whose), on_death_(std::move(on_death)) {}

  void actor_exited(const caf::error& reason, caf::execution_unit*) override { on_death_(reason); }
  bool matches(const token& what) override { return what.subtype == kind && what.ptr == whose_; }

private:
  const sink_watch* whose_;
  sink_watch::notice on_death_;
};

caf::abstract_actor& actor_of(const sink& handle) {
  return *caf::actor_cast<caf::abstract_actor*>(handle);
}

} // namespace

sink_watch::sink_watch(const sink& whose, notice on_death) : whose_(whose) {
  actor_of(whose_).attach(std::make_unique<death_notice>(this, std::move(on_death)));
}

sink_watch::~sink_watch() {
  actor_of(whose_).detach(caf::attachable::token(death_notice::kind, this));
}

} // namespace actornet
