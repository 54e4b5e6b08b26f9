// SPDX-License-Identifier: BSD-3-Clause
// Datagrams: what anybody sends, they get back. Try it with `udp_echo_server
// udp4://127.0.0.1:8080`, and `udp_client 127.0.0.1:8080` in another terminal.
#include <actornet/actornet.hpp>

#include <iostream>

namespace an = actornet;

caf::behavior echo(caf::event_based_actor* self, an::udp_endpoint at) {
  return {
      [](const an::udp_listening& event) { std::cout << to_string(event.local) << std::endl; },
      [=](const an::datagram& event) {
        self->send(at, an::send{event.bytes, event.from});
      },
  };
}

void caf_main(caf::actor_system& system, const an::config& cfg) {
  auto server = an::runtime::from(system).open_udp(
      {.address = cfg.remainder.empty() ? "udp6://[::]:8080" : cfg.remainder.front()}, echo);
  if (!server) // bind EADDRINUSE: address already in use [::]:8080
    std::cerr << to_string(server.error()) << '\n';
}

CAF_MAIN()
