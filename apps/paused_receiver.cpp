// SPDX-License-Identifier: BSD-3-Clause
// Connections begin paused: what a client sends waits in the kernel, and soon the client has to
// wait, too. After a while each is piped into a file of its own, which makes it flow. Try it with
// `paused_receiver --milliseconds=5000 --path=out tcp://127.0.0.1:8080`, `nc 127.0.0.1 8080 <
// BIG_FILE`, and look at out.1.
#include <actornet/actornet.hpp>

#include <caf/scoped_actor.hpp>

#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <syncstream>

namespace an = actornet;

struct options : an::config {
  std::string path = "received";
  unsigned milliseconds = 3000;

  options() {
    opt_group{custom_options_, "global"}
        .add(path, "path,p", "client N's bytes go to PATH.N")
        .add(milliseconds, "milliseconds,m", "how long nothing is read");
  }
};

caf::behavior wait_and_receive(caf::event_based_actor* self, an::connection peer, std::string path,
                               std::chrono::milliseconds pause) {
  self->delayed_send(self, pause, caf::tick_atom::value);
  return {
      [=](caf::tick_atom) {
        if (auto file = an::runtime::from(self->system()).open_sink({.path = path}))
          self->send(peer, an::pipe{.to = *file});
        else
          self->send(peer, an::finish_then_destroy{an::text(to_string(file.error()) + "\n")});
      },
      [=](const an::piped&) { std::osyncstream(std::cout) << "piped into " << path << std::endl; },
      [=](const an::pipe_failed& event) {
        std::cerr << to_string(event.why) << '\n';
        self->send(peer, an::destroy{});
      },
      [=](const an::unpiped& event) {
        std::osyncstream(std::cout) << path << " has " << event.bytes << " bytes" << std::endl;
        if (event.reason == an::unpipe_reason::sink_failed) // a full disk, for example
          self->send(peer, an::destroy{});
      },
  };
}

void caf_main(caf::actor_system& system, const options& cfg) {
  caf::scoped_actor self{system};
  auto clients = std::make_shared<std::atomic<int>>(0);
  auto server = an::runtime::from(system).listen(
      {.address = cfg.remainder.empty() ? "tcp://*:8080" : cfg.remainder.front(),
       .pause_on_connect = true,
       .owner = self},
      [=, path = cfg.path, pause = std::chrono::milliseconds(cfg.milliseconds)](auto* handler,
                                                                                auto peer) {
        return wait_and_receive(handler, peer, path + "." + std::to_string(++*clients), pause);
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
