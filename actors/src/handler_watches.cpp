// SPDX-License-Identifier: BSD-3-Clause
#include "handler_watches.hpp"

#include "connection_actor.hpp"
#include "io_loop.hpp"
#include "unhandled_events.hpp"

#include <caf/attachable.hpp>

#include <memory>
#include <utility>

namespace actornet {

namespace {

/// Hangs on a handler; its death becomes a task of the loop. The thread is the dying handler's.
class death_notice final : public caf::attachable {
public:
  // CAF numbers its own kinds of attachables from 0 up.
  static constexpr std::size_t kind = 0xac70;

  death_notice(std::shared_ptr<loop_inbox> inbox, const handler_watches* whose,
               std::function<void(const caf::error&)> then)
      : inbox_(std::move(inbox)), whose_(whose), then_(std::move(then)) {}

  void actor_exited(const caf::error& reason, caf::execution_unit*) override {
    inbox_->put(task([then = then_, reason] { then(reason); }));
  }

  bool matches(const token& what) override { return what.subtype == kind && what.ptr == whose_; }

private:
  std::shared_ptr<loop_inbox> inbox_;
  const handler_watches* whose_;
  std::function<void(const caf::error&)> then_;
};

caf::attachable::token token_of(const handler_watches* whose) {
  return {death_notice::kind, whose};
}

} // namespace

handler_watches::~handler_watches() {
  for (auto& [id, each] : watches_)
    each.handler->detach(token_of(this));
}

void handler_watches::add(const caf::actor& handler, connection_actor& whose) {
  auto id = handler.id();
  auto [found, is_new] = watches_.try_emplace(id);
  found->second.connections.insert(&whose);
  if (!is_new)
    return;
  found->second.handler = handler;
  drop_unhandled_events(handler);
  handler->attach(std::make_unique<death_notice>(
      home_.inbox(), this, [this, id](const caf::error& reason) { handler_died(id, reason); }));
}

void handler_watches::remove(const caf::actor& handler, connection_actor& whose) {
  auto found = watches_.find(handler.id());
  if (found == watches_.end())
    return;
  found->second.connections.erase(&whose);
  if (!found->second.connections.empty())
    return;
  auto gone = watches_.extract(found);
  gone.mapped().handler->detach(token_of(this));
}

void handler_watches::handler_died(caf::actor_id who, const caf::error& reason) {
  auto gone = watches_.extract(who);
  if (gone.empty())
    return;
  for (auto* each : gone.mapped().connections)
    each->handler_died(reason);
}

} // namespace actornet
