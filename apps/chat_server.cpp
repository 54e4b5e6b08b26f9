// SPDX-License-Identifier: BSD-3-Clause
// A chat behind a connection broker: what one says, all others hear; and neither a crowd nor one
// address alone takes all the places. Try it with `chat_server --places=2 tcp://127.0.0.1:8080`,
// and `nc 127.0.0.1 8080` in three other terminals.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <string>

namespace an = actornet;

struct options : an::config {
  std::size_t places = 100;
  std::size_t per_address = 10;

  options() {
    opt_group{custom_options_, "global"} //
        .add(places, "places,p", "so many may chat at once")
        .add(per_address, "per-address,a", "and so many of one address");
  }
};

/// The room: the handler of all connections, so everybody's words come in one order.
caf::behavior room(caf::event_based_actor* self) {
  auto guests = std::make_shared<std::map<an::connection, std::string>>();
  auto tell_others = [=](const an::connection& speaker, const an::chunk& words) {
    for (const auto& [guest, name] : *guests)
      if (guest != speaker)
        self->send(guest, an::write{words});
  };
  return {
      [=](const an::connected& event) {
        (*guests)[event.peer] = to_string(event.remote);
        self->send(event.peer, an::write{an::text("welcome\n")});
        tell_others(event.peer, an::text((*guests)[event.peer] + " is here\n"));
      },
      [=](const an::data& event) { tell_others(event.peer, event.bytes); },
      [=](const an::closed& event) {
        auto left = guests->extract(event.peer);
        if (!left.empty())
          tell_others(event.peer, an::text(left.mapped() + " has left\n"));
      },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto& network = an::runtime::from(system);
  auto broker =
      network.make_broker({.limits = {.total = static_cast<std::int64_t>(cfg.places),
                                      .per_address = static_cast<std::int64_t>(cfg.per_address)},
                           .policy = an::over_limit::reply,
                           .farewell = an::text("no place is free, come back later\n")});
  auto server = network.listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .broker = *broker,
       .write_stall_timeout = std::chrono::seconds(30), // who does not listen has to go
       .owner = self},
      network.spawn_on_loop(room));
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive( // at once, unless the address is a name
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
