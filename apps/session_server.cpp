// SPDX-License-Identifier: BSD-3-Clause
// An actor for each peer: every client of one socket has a handler with a memory of its own, until
// it is silent for too long. Try it with `session_server --idle=5s udp4://127.0.0.1:8083`, and
// `actornet udp udp4: --connect 127.0.0.1:8083` in several terminals.
#include <actornet/actornet.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <syncstream>

namespace an = actornet;

struct options : an::config {
  caf::timespan idle = std::chrono::seconds(60);
  std::size_t most = 10'000;

  options() {
    opt_group{custom_options_, "global"}
        .add(idle, "idle,i", "how long a client may be silent")
        .add(most, "most,m", "how many clients there may be");
  }
};

/// One client: it is told how often it has said something.
caf::behavior serve(caf::event_based_actor* self, an::udp_endpoint client) {
  auto count = std::make_shared<int>(0);
  return {
      [=](const an::datagram&) {
        self->send(client, an::send{an::text("you said " + std::to_string(++*count))});
      },
      [=](const an::udp_closed&) {
        std::osyncstream(std::cout) << "gone after " << *count << std::endl;
      },
  };
}

/// The socket: who comes, and who finds no room.
caf::behavior receive(caf::event_based_actor* self, an::udp_endpoint at) {
  return {
      [](const an::udp_listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::udp_accepted& event) {
        std::osyncstream(std::cout) << "new: " << to_string(event.remote) << std::endl;
      },
      [=](const an::datagram& event) {
        self->send(at, an::send{an::text("come back later"), event.from});
      },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  auto server = an::runtime::from(system).open_udp(
      {.address = cfg.remainder.empty() ? "udp4://0.0.0.0:8083" : cfg.remainder.front(),
       .sessions =
           an::udp_sessions{.handler = serve,
                            .max = cfg.most,
                            .idle_timeout =
                                std::chrono::duration_cast<std::chrono::milliseconds>(cfg.idle)}},
      receive);
  if (!server)
    std::cerr << to_string(server.error()) << '\n';
}

CAF_MAIN()
