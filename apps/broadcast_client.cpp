// SPDX-License-Identifier: BSD-3-Clause
// Hears what is broadcast: bound to all addresses, as a broadcast is for none of this host's own.
// Try it with `broadcast_client udp4://0.0.0.0:8081`; several may run on one host.
#include <actornet/actornet.hpp>

#include <iostream>

namespace an = actornet;

caf::behavior print(caf::event_based_actor*, an::udp_endpoint) {
  return {
      [](const an::udp_listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::datagram& event) {
        std::cout << to_string(event.from) << " says: " << event.bytes.view() << std::endl;
      },
  };
}

void caf_main(caf::actor_system& system, const an::config& cfg) {
  auto client = an::runtime::from(system).open_udp(
      {.address = cfg.remainder.empty() ? "udp4://0.0.0.0:8081" : cfg.remainder.front(),
       .reuse_address = true},
      print);
  if (!client)
    std::cerr << to_string(client.error()) << '\n';
}

CAF_MAIN()
