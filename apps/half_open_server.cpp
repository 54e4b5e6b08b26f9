// SPDX-License-Identifier: BSD-3-Clause
// Half-open connections: the server answers when the client has finished, with the number of bytes
// that came, as `wc -c` does. Try it with `half_open_server tcp://127.0.0.1:8080`, and
// `nc -N 127.0.0.1 8080 < /etc/services` in another terminal.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <iostream>
#include <string>

namespace an = actornet;

caf::behavior count_bytes(caf::event_based_actor* self, an::connection peer) {
  // Without `allow_half_open` the connection would finish once `end` is handled, before the answer
  // to this request is there. So it is for us to finish.
  return {
      [=](const an::end&) {
        self->request(peer, caf::infinite, an::get_info{})
            .then([=](const an::connection_info& info) {
              self->send(peer, an::finish{an::text(std::to_string(info.bytes_read) + " bytes\n")});
            });
      },
  };
}

void caf_main(caf::actor_system& system, const an::config& cfg) {
  caf::scoped_actor self{system};
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .allow_half_open = true,
       .owner = self},
      count_bytes);
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive( // at once, unless the address is a name
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
