// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <utility>

namespace actornet::test {

/// An ordinary actor of `system`, made of a function that takes its `event_based_actor*`.
///
/// CAF 0.17 refers to a null tuple when such a function has no further arguments, which
/// UndefinedBehaviorSanitizer tells; so it gets one.
template <class F> caf::actor spawned(caf::actor_system& system, F made) {
  return system.spawn([](caf::event_based_actor* self, F each) { return each(self); },
                      std::move(made));
}

} // namespace actornet::test
