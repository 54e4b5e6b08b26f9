// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "hosted_actor.hpp"

#include <caf/behavior.hpp>

#include <functional>

namespace actornet {

/// The actor that `runtime::spawn_on_loop` makes of a function.
class loop_function final : public hosted_actor {
public:
  using function = std::function<caf::behavior(caf::event_based_actor*)>;

  loop_function(caf::actor_config& cfg, io_loop& home, function made);

  /// Any thread. Counts as running; the function is called in one of the loop's next turns.
  static caf::actor spawn(io_loop& loop, function made);

  caf::behavior make_behavior() override;

private:
  function made_;
};

} // namespace actornet
