// SPDX-License-Identifier: BSD-3-Clause
#include "loop_function.hpp"

#include "io_loop.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <utility>

namespace actornet {

loop_function::loop_function(caf::actor_config& cfg, io_loop& home, function made)
    : hosted_actor(cfg, home, placement::loop), made_(std::move(made)) {}

caf::actor loop_function::spawn(io_loop& loop, function made) {
  auto& system = loop.system();
  caf::actor_config cfg{&loop};
  auto result = caf::make_actor<loop_function, caf::actor>(system.next_actor_id(), system.node(),
                                                           &system, cfg, loop, std::move(made));
  hosted_actor::behind(result)->launch(&loop.home_unit(), false, false);
  return result;
}

caf::behavior loop_function::make_behavior() { return std::exchange(made_, nullptr)(this); }

} // namespace actornet
