// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/actornet.hpp>
#include <actornet/version.hpp>

#include <caf/all.hpp>

#include <atomic>
#include <iostream>

namespace an = actornet;

namespace {

std::atomic<bool> echoed = false;

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {
      [=](const an::data& event) { self->send(peer, an::write{event.bytes}); },
  };
}

caf::behavior greet(caf::event_based_actor* self, an::connection peer) {
  self->send(peer, an::write{an::text("hello")});
  return {
      [=](const an::data& event) {
        echoed = event.bytes.view() == "hello";
        self->send(peer, an::finish{});
      },
  };
}

void greet_ourselves(caf::actor_system& system) {
  auto& network = an::runtime::from(system);
  auto server = network.listen({.address = "tcp://127.0.0.1:0", .unreferenced = true}, echo);
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  caf::scoped_actor self{system};
  self->request(*server, caf::infinite, an::get_address{})
      .receive(
          [&](const an::addresses& found) {
            auto client = network.connect({.address = "tcp://" + to_string(found.local)}, greet);
            if (!client)
              std::cerr << to_string(client.error()) << '\n';
          },
          [&](const caf::error& why) { std::cerr << system.render(why) << '\n'; });
}

} // namespace

// One echo over the loopback interface. Ends when the connection does: nothing else is referenced.
int main() {
  caf::actor_system_config config;
  config.load<an::runtime>();
  {
    caf::actor_system system{config};
    greet_ourselves(system);
  }
  std::cout << "actornet::actors " << an::version << ", echoed: " << std::boolalpha << echoed
            << '\n';
  return echoed ? 0 : 1;
}
