// SPDX-License-Identifier: BSD-3-Clause
// The smallest complete program: what a client sends, it gets back.
#include <actornet/actornet.hpp>

#include <caf/exec_main.hpp>

#include <iostream>

namespace an = actornet; // not `using namespace`: write, connect, send, end ... are names of POSIX
                         // and std, too

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {
      [=](const an::data& event) { self->send(peer, an::write{event.bytes}); },
      [=](const an::timeout&) { self->send(peer, an::finish{an::text("idle, bye")}); },
  };
}

void caf_main(caf::actor_system& system, const caf::actor_system_config&) {
  auto server =
      an::runtime::from(system).listen({.address = "tcp://*:8080", .max_connections = 100}, echo);
  if (!server)
    std::cerr << to_string(server.error()) << '\n';
}

CAF_MAIN(actornet::runtime)
