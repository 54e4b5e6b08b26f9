// SPDX-License-Identifier: BSD-3-Clause
// When a program ends: with its last endpoint that is not unreferenced. This one unreferences its
// listener when the first client is there, serves whoever comes until the last one is gone, and
// ends then, though nobody closes the listener. Try it with `unref tcp://127.0.0.1:8080`, and
// `nc 127.0.0.1 8080` in two other terminals.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <iostream>

namespace an = actornet;

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

void caf_main(caf::actor_system& system, const an::config& cfg) {
  caf::scoped_actor self{system};
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(), .owner = self},
      echo);
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  bool served = false;
  self->receive_while([&] { return !served; })(
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [&](const an::accepted& event) {
        self->send(event.from, an::unref{}); // before the first client the system would not wait
        served = true;
      },
      [&](const an::listener_failed& event) {
        std::cerr << to_string(event.why) << '\n';
        served = true;
      });
} // `system` waits for the connections now, and then closes the listener

CAF_MAIN()
