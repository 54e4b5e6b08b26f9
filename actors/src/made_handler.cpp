// SPDX-License-Identifier: BSD-3-Clause
#include "made_handler.hpp"

#include "io_loop.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

namespace actornet {

template <class Endpoint>
made_handler<Endpoint>::made_handler(caf::actor_config& cfg, io_loop& loop, placement where,
                                     maker made, Endpoint whose)
    : hosted_actor(cfg, loop, where), made_(std::move(made)), whose_(std::move(whose)) {}

template <class Endpoint>
caf::actor made_handler<Endpoint>::spawn(io_loop& loop, placement where, maker made,
                                         Endpoint whose) {
  auto& system = loop.system();
  caf::actor_config cfg{&loop};
  auto result =
      caf::make_actor<made_handler, caf::actor>(system.next_actor_id(), system.node(), &system, cfg,
                                                loop, where, std::move(made), std::move(whose));
  // Lazy: its first event starts it. Hidden: the system waits for endpoints, not for handlers.
  hosted_actor::behind(result)->launch(&loop, true, true);
  return result;
}

template <class Endpoint> caf::behavior made_handler<Endpoint>::make_behavior() {
  auto made = std::move(made_);
  return std::get<typename basic_handler<Endpoint>::function>(made->kind())(this,
                                                                            std::move(whose_));
}

template <class Endpoint>
caf::actor handler_of(io_loop& loop, placement where,
                      const std::shared_ptr<const basic_handler<Endpoint>>& made, Endpoint whose) {
  const auto& kind = made->kind();
  if (auto* shared = std::get_if<caf::actor>(&kind))
    return *shared;
  if (auto* factory = std::get_if<typename basic_handler<Endpoint>::factory>(&kind))
    return (*factory)(loop.system(), std::move(whose));
  return made_handler<Endpoint>::spawn(loop, where, made, std::move(whose));
}

template class made_handler<connection>;
template class made_handler<udp_endpoint>;
template caf::actor handler_of(io_loop&, placement,
                               const std::shared_ptr<const basic_handler<connection>>&, connection);
template caf::actor handler_of(io_loop&, placement,
                               const std::shared_ptr<const basic_handler<udp_endpoint>>&,
                               udp_endpoint);

} // namespace actornet
