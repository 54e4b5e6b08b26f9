// SPDX-License-Identifier: BSD-3-Clause
// A client: says a greeting, finishes, and prints what comes until the server has finished, too.
// Try it with `nc -N -l 127.0.0.1 8080` in another terminal, where ^D finishes, and
// `greeting_client --greeting="good day" tcp://127.0.0.1:8080`.
#include <actornet/actornet.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace an = actornet;

struct options : an::config {
  std::string greeting = "hello";
  caf::timespan patience = std::chrono::seconds(10);

  options() {
    opt_group{custom_options_, "global"}
        .add(greeting, "greeting,g", "what is said")
        .add(patience, "patience,p", "how long the server may take to accept, and to say more");
  }
};

/// The handler of a connection that says `greeting`.
an::handler greet(const std::string& greeting) {
  return [=](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    self->send(peer, an::finish{an::text(greeting + '\n')}); // leaves when it is connected
    return {
        [](const an::connected& event) {
          std::cerr << "connected to " << to_string(event.remote) << '\n';
        },
        [](const an::data& event) { std::cout << event.bytes.view() << std::flush; },
        [=](const an::timeout&) {
          std::cerr << "the server says nothing any more\n";
          self->send(peer, an::destroy{});
        },
        // connect ECONNREFUSED: connection refused 127.0.0.1:8080
        [](const an::failed& event) { std::cerr << to_string(event.why) << '\n'; },
    };
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(cfg.patience);
  auto peer = an::runtime::from(system).connect(
      {.address = cfg.remainder.empty() ? "tcp://127.0.0.1:8080" : cfg.remainder.front(),
       .connect_timeout = patience,
       .idle_timeout = patience},
      greet(cfg.greeting));
  if (!peer) // of an address that makes no sense; all else is told by `failed`
    std::cerr << to_string(peer.error()) << '\n';
}

CAF_MAIN()
