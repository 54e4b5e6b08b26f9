// SPDX-License-Identifier: BSD-3-Clause
// A member of a multicast group; with `--source` of what one host sends to it only. Try it with
// `multicast_listener --group=239.255.80.80 --interface=eth0 udp4://0.0.0.0:8082`.
#include <actornet/actornet.hpp>

#include <iostream>
#include <string>

namespace an = actornet;

struct options : an::config {
  std::string group = "239.255.80.80";
  std::string interface = "*";
  std::string source;

  options() {
    opt_group{custom_options_, "global"}
        .add(group, "group,g", "a multicast address")
        .add(interface, "interface,i", "name or address of an interface; *: all")
        .add(source, "source,s", "the address of the only sender to listen to");
  }
};

caf::behavior print(caf::event_based_actor*, an::udp_endpoint) {
  return {
      [](const an::udp_listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::datagram& event) { std::cout << event.bytes.view() << std::endl; },
      // setsockopt EINVAL: what was no group, or no interface
      [](const an::udp_failed& event) { std::cerr << to_string(event.why) << '\n'; },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  auto listener = an::runtime::from(system).open_udp(
      {.address = cfg.remainder.empty() ? "udp4://0.0.0.0:8082" : cfg.remainder.front(),
       .groups = {{cfg.group, cfg.interface, cfg.source}},
       .reuse_address = true},
      print);
  if (!listener)
    std::cerr << to_string(listener.error()) << '\n';
}

CAF_MAIN()
