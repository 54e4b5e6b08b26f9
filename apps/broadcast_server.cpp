// SPDX-License-Identifier: BSD-3-Clause
// Broadcast: tells a whole network something every second. Try it with
// `broadcast_server --to=255.255.255.255:8081`, and `broadcast_client` on other hosts.
#include <actornet/actornet.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace an = actornet;

struct options : an::config {
  std::string to = "255.255.255.255:8081";
  std::string message = "I am here";
  caf::timespan every = std::chrono::seconds(1);

  options() {
    opt_group{custom_options_, "global"}
        .add(to, "to,t", "a broadcast address and a port")
        .add(message, "message,m", "what is sent")
        .add(every, "every,e", "the time between two messages");
  }
};

using again = caf::atom_constant<caf::atom("again")>;

an::udp_handler announce(const an::endpoint& to, const std::string& message, caf::timespan every) {
  return [=](caf::event_based_actor* self, an::udp_endpoint at) -> caf::behavior {
    return {
        [=](const an::udp_listening& event) {
          std::cout << to_string(event.local) << std::endl;
          self->send(self, again::value);
        },
        [=](again) {
          self->send(at, an::send{an::text(message), to});
          self->delayed_send(self, every, again::value);
        },
        // send EACCES: permission denied, which is what there is without `.broadcast`
        [](const an::send_failed& event) { std::cerr << to_string(event.why) << '\n'; },
    };
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  auto to = an::endpoint::parse(cfg.to);
  if (!to) {
    std::cerr << to_string(to.error()) << '\n';
    return;
  }
  auto server = an::runtime::from(system).open_udp(
      {.address = cfg.remainder.empty() ? "udp4://0.0.0.0:0" : cfg.remainder.front(),
       .broadcast = true},
      announce(*to, cfg.message, cfg.every));
  if (!server)
    std::cerr << to_string(server.error()) << '\n';
}

CAF_MAIN()
