// SPDX-License-Identifier: BSD-3-Clause
// The events of a listener: its owner counts connections, and closes the listener when there are
// enough; those that there are live on. Try it with `connection_counter tcp://127.0.0.1:8080`, and
// `nc 127.0.0.1 8080` in two other terminals, and in a third one.
#include <actornet/actornet.hpp>

#include <cstddef>
#include <iostream>

namespace an = actornet;

struct options : an::config {
  std::size_t enough = 2;

  options() {
    opt_group{custom_options_, "global"} //
        .add(enough, "enough,e", "at so many connections the listener closes");
  }
};

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

caf::behavior owner(caf::event_based_actor* self, std::size_t enough) {
  return {
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [=](const an::accepted& event) {
        self->request(event.from, caf::infinite, an::get_connections{})
            .then([=, from = event.from](const an::connections& now) {
              std::cout << now.count << " connected" << std::endl;
              if (now.count >= enough)
                self->request(from, caf::infinite, an::close{}).then([] {
                  std::cout << "closed, nobody else can connect" << std::endl;
                });
            });
      },
      // Of a client that was faster than `close`.
      [](const an::dropped&) { std::cout << "one too many, dropped" << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; },
      [](const an::listener_closed& event) {
        if (!event.had_error)
          std::cout << "the last one is gone" << std::endl;
      },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .max_connections = cfg.enough,
       .owner = system.spawn(owner, cfg.enough)},
      echo);
  if (!server)
    std::cerr << to_string(server.error()) << '\n';
}

CAF_MAIN()
