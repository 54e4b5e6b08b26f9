// SPDX-License-Identifier: BSD-3-Clause
// The smallest complete program: what a client sends, it gets back. Where to listen may be given:
// `echo_server tcp://127.0.0.1:0`.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <iostream>

namespace an = actornet; // not `using namespace`: write, connect, send, end ... are names of POSIX
                         // and std, too

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {
      [=](const an::data& event) { self->send(peer, an::write{event.bytes}); },
      [=](const an::timeout&) { self->send(peer, an::finish{an::text("idle, bye")}); },
  };
}

void caf_main(caf::actor_system& system, const caf::actor_system_config& cfg) {
  caf::scoped_actor self{system};
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .max_connections = 100,
       .idle_timeout = std::chrono::minutes(1),
       .owner = self},
      echo);
  if (!server) { // listen EADDRINUSE: address already in use [::]:8080
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive( // at once, unless the address is a name
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN(actornet::runtime)
