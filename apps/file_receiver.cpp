// SPDX-License-Identifier: BSD-3-Clause
// What clients send goes into one file, which stays open for all of them; behind each the program
// writes a line of its own. Who takes longer than some seconds is cut off in the middle. Try it
// with `file_receiver --path=out.txt tcp://127.0.0.1:8080` and `nc 127.0.0.1 8080`.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <syncstream>

namespace an = actornet;

struct options : an::config {
  std::string path = "received.txt";
  unsigned seconds = 10;

  options() {
    opt_group{custom_options_, "global"}
        .add(path, "path,p", "the file")
        .add(seconds, "seconds,s", "how long a client may take");
  }
};

caf::behavior receive(caf::event_based_actor* self, an::connection peer, an::file_sink file,
                      std::chrono::seconds patience) {
  self->send(peer, an::pipe{.to = file, .end_sink = false});
  self->delayed_send(self, patience, caf::tick_atom::value);
  return {
      [=](caf::tick_atom) { self->send(peer, an::unpipe{}); }, // the time is up
      [=](const an::unpiped& event) { // the file has all of these bytes, and no more
        const bool ended = event.reason == an::unpipe_reason::source_ended;
        const auto line = "\n-- " + std::to_string(event.bytes) + (ended ? " bytes" : " in time");
        self->send(file, an::write{an::text(line + " --\n")});
        if (event.reason == an::unpipe_reason::asked)
          self->send(peer, an::finish_then_destroy{an::text("too slow\n")});
        std::osyncstream(std::cout) << "received " << event.bytes << std::endl;
      },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto& net = an::runtime::from(system);
  // The program ends with its listener; what was written is waited for.
  auto file =
      net.open_sink({.path = cfg.path, .mode = an::file_mode::append, .unreferenced = true}, self);
  if (!file) {
    std::cerr << to_string(file.error()) << '\n';
    return;
  }
  bool is_open = false;
  self->receive([&](const an::sink_opened&) { is_open = true; },
                [](const an::sink_failed& event) { std::cerr << to_string(event.why) << '\n'; });
  if (!is_open)
    return;
  auto server = net.listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(), .owner = self},
      [file = *file, seconds = std::chrono::seconds(cfg.seconds)](auto* handler, auto peer) {
        return receive(handler, peer, file, seconds);
      });
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return;
  }
  self->receive(
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; });
}

CAF_MAIN()
