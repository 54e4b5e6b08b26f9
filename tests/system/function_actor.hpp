// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <utility>

namespace actornet::test {

/// An actor of a function. CAF 0.17's own, `system.spawn(function)`, binds a reference to null when
/// there are no further arguments, in a header, so that UndefinedBehaviorSanitizer rightly ends the
/// program.
class function_actor final : public caf::event_based_actor {
public:
  using function = std::function<caf::behavior(caf::event_based_actor*)>;

  function_actor(caf::actor_config& cfg, function made)
      : caf::event_based_actor(cfg), made_(std::move(made)) {}

  caf::behavior make_behavior() override { return std::exchange(made_, nullptr)(this); }

private:
  function made_;
};

template <caf::spawn_options Options = caf::no_spawn_options>
caf::actor spawn_function(caf::actor_system& system, function_actor::function made) {
  return system.spawn<function_actor, Options>(std::move(made));
}

} // namespace actornet::test
