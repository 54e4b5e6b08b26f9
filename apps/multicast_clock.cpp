// SPDX-License-Identifier: BSD-3-Clause
// Multicast: sends the time to a group, whose members hear it, and nobody else. Try it with
// `multicast_clock --interface=eth0`, and `multicast_listener --interface=eth0` on other hosts.
#include <actornet/actornet.hpp>

#include <chrono>
#include <ctime>
#include <iostream>
#include <string>

namespace an = actornet;

struct options : an::config {
  std::string group = "239.255.80.80:8082";
  std::string interface;
  int hops = 1;
  caf::timespan every = std::chrono::seconds(1);

  options() {
    opt_group{custom_options_, "global"}
        .add(group, "group,g", "a multicast address and a port")
        .add(interface, "interface,i", "name or address of the interface by which it leaves")
        .add(hops, "hops", "how many routers it may pass, and one more")
        .add(every, "every,e", "the time between two messages");
  }
};

using again = caf::atom_constant<caf::atom("again")>;

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%H:%M:%S", std::gmtime(&now)));
  return text;
}

an::udp_handler tick(const an::endpoint& group, caf::timespan every) {
  return [=](caf::event_based_actor* self, an::udp_endpoint at) -> caf::behavior {
    self->send(self, again::value);
    return {
        [=](again) {
          self->send(at, an::send{an::text(time_of_day()), group});
          self->delayed_send(self, every, again::value);
        },
        [](const an::send_failed& event) { std::cerr << to_string(event.why) << '\n'; },
        // Such as an interface that there is not.
        [](const an::udp_failed& event) { std::cerr << to_string(event.why) << '\n'; },
    };
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  auto group = an::endpoint::parse(cfg.group);
  if (!group) {
    std::cerr << to_string(group.error()) << '\n';
    return;
  }
  auto clock = an::runtime::from(system).open_udp(
      {.address = cfg.remainder.empty() ? "udp4://0.0.0.0:0" : cfg.remainder.front(),
       .multicast_ttl = cfg.hops,
       .multicast_interface = cfg.interface},
      tick(*group, cfg.every));
  if (!clock)
    std::cerr << to_string(clock.error()) << '\n';
}

CAF_MAIN()
