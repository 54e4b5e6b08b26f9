// SPDX-License-Identifier: BSD-3-Clause
// A connected endpoint: sends without a destination, hears of nobody else, and is told when there
// is nobody. Try it with `udp_client --message=hello 127.0.0.1:8080`.
#include <actornet/actornet.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace an = actornet;

struct options : an::config {
  std::string message = "hello";
  caf::timespan patience = std::chrono::seconds(2);

  options() {
    opt_group{custom_options_, "global"}
        .add(message, "message,m", "what is sent")
        .add(patience, "patience,p", "how long the answer may take");
  }
};

/// The handler of an endpoint that sends `message` and waits for one answer.
an::udp_handler ask(const std::string& message, caf::timespan patience) {
  return [=](caf::event_based_actor* self, an::udp_endpoint at) -> caf::behavior {
    self->send(at, an::send{an::text(message)}); // leaves when it is connected
    return {
        [=](const an::datagram& event) {
          std::cout << event.bytes.view() << std::endl;
          self->send(at, an::close{});
        },
        // recv ECONNREFUSED: connection refused 127.0.0.1:8080
        [=](const an::udp_failed& event) {
          std::cerr << to_string(event.why) << '\n';
          self->send(at, an::close{});
        },
        caf::after(patience) >>
            [=] {
              std::cerr << "no answer\n"; // datagrams may be lost
              self->send(at, an::close{});
            },
    };
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  auto client = an::runtime::from(system).open_udp(
      {.address = "udp4:",
       .connect_to = cfg.remainder.empty() ? "127.0.0.1:8080" : cfg.remainder.front()},
      ask(cfg.message, cfg.patience));
  if (!client) // of an address that makes no sense; all else is told by `udp_failed`
    std::cerr << to_string(client.error()) << '\n';
}

CAF_MAIN()
