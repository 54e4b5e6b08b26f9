// SPDX-License-Identifier: BSD-3-Clause
#include "connection_handler.hpp"

#include "io_loop.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

namespace actornet {

connection_handler::connection_handler(caf::actor_config& cfg, io_loop& loop, placement where,
                                       std::shared_ptr<const handler> made, connection peer)
    : hosted_actor(cfg, loop, where), made_(std::move(made)), peer_(std::move(peer)) {}

caf::actor connection_handler::spawn(io_loop& loop, placement where,
                                     std::shared_ptr<const handler> made, connection peer) {
  auto& system = loop.system();
  caf::actor_config cfg{&loop};
  auto result = caf::make_actor<connection_handler, caf::actor>(
      system.next_actor_id(), system.node(), &system, cfg, loop, where, std::move(made),
      std::move(peer));
  // Lazy: its first event starts it. Hidden: the system waits for connections, not for handlers.
  hosted_actor::behind(result)->launch(&loop, true, true);
  return result;
}

caf::behavior connection_handler::make_behavior() {
  auto made = std::move(made_);
  return std::get<handler::function>(made->kind())(this, std::move(peer_));
}

} // namespace actornet
