// SPDX-License-Identifier: BSD-3-Clause
#include "work.hpp"

#include "hosted_actor.hpp"
#include "responder.hpp"

#include <actornet/error.hpp>

#include <caf/scheduler/abstract_coordinator.hpp>

namespace actornet {

namespace {

struct discarder {
  void operator()(run_actor& what) const {
    caf::scheduler::abstract_coordinator::cleanup_and_release(what.who);
  }

  void operator()(deliver& what) const {
    auto why = error::of(trouble::shut_down, "", "the runtime has ended");
    responder::to(*what.what).answer(what.to.get(), nullptr, to_caf(why));
  }

  void operator()(task&) const {}
};

} // namespace

void discard(work what) { std::visit(discarder{}, what); }

} // namespace actornet
