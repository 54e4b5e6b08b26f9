// SPDX-License-Identifier: BSD-3-Clause
#include "work.hpp"

#include <actornet/error.hpp>

#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace actornet {

namespace {

struct discarder {
  void operator()(run_actor& what) const {
    caf::scheduler::abstract_coordinator::cleanup_and_release(what.who);
  }

  void operator()(deliver& what) const {
    auto why = error::of(trouble::shut_down, "", "the runtime has ended");
    caf::detail::sync_request_bouncer bounce{to_caf(why)};
    bounce(*what.what);
  }

  void operator()(task&) const {}
};

} // namespace

void discard(work what) { std::visit(discarder{}, what); }

} // namespace actornet
