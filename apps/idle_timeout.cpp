// SPDX-License-Identifier: BSD-3-Clause
// Silence: a client that says nothing is asked whether it is there, and sent away when it still
// says nothing. Try it with `idle_timeout --silence=3s tcp://127.0.0.1:8080`, and
// `nc 127.0.0.1 8080` in another terminal.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <iostream>

namespace an = actornet;

struct options : an::config {
  caf::timespan silence = std::chrono::seconds(10);

  options() {
    opt_group{custom_options_, "global"} //
        .add(silence, "silence,s", "how long a client may say nothing, twice");
  }
};

caf::behavior asked(caf::event_based_actor* self, an::connection peer);

/// The client has said something, or is new.
caf::behavior listening(caf::event_based_actor* self, an::connection peer) {
  return {
      [=](const an::timeout&) {
        self->send(peer, an::write{an::text("are you there?\n")}); // starts the time anew
        self->become(asked(self, peer));
      },
  };
}

/// The client has been asked, and has said nothing since.
caf::behavior asked(caf::event_based_actor* self, an::connection peer) {
  return {
      [=](const an::data&) { self->become(listening(self, peer)); },
      // `finish` alone would wait for the client to finish, too.
      [=](const an::timeout&) { self->send(peer, an::finish_then_destroy{an::text("goodbye\n")}); },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .idle_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(cfg.silence),
       .owner = self},
      listening);
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive( // at once, unless the address is a name
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
