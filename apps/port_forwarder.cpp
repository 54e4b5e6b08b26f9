// SPDX-License-Identifier: BSD-3-Clause
// Each client is connected through to another server: two pipes, one in each direction, and the
// program touches no byte. Try it with `port_forwarder --to=tcp://example.org:80
// tcp://127.0.0.1:8080`.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <iostream>
#include <string>
#include <syncstream>

namespace an = actornet;

struct options : an::config {
  std::string to = "tcp://localhost:80";

  options() { opt_group{custom_options_, "global"}.add(to, "to,t", "where clients are forwarded"); }
};

caf::behavior forward(caf::event_based_actor* self, an::connection client,
                      const std::string& where) {
  auto server = an::runtime::from(self->system())
                    .connect({.address = where, .allow_half_open = true}, caf::actor());
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    self->quit();
    return {};
  }
  // Whichever side ends, breaks or dies, takes the other along in the same way.
  self->request(client, caf::infinite, an::pipe{.to = *server, .pipeline = true})
      .then([=, far = *server] { self->send(far, an::pipe{.to = client, .pipeline = true}); },
            [=](const caf::error& why) {
              std::cerr << to_string(an::error_of(why).value_or(an::error())) << '\n';
              self->send(client, an::destroy{});
            });
  return {[](const an::closed& event) {
    std::osyncstream(std::cout) << event.bytes_read << " there, " << event.bytes_written << " back"
                                << std::endl;
  }};
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto listener = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .allow_half_open = true,
       .pause_on_connect = true, // nothing is read before the other side is there
       .owner = self},
      [where = cfg.to](auto* handler, auto client) { return forward(handler, client, where); });
  if (!listener) {
    std::cerr << to_string(listener.error()) << '\n';
    return;
  }
  self->receive(
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
