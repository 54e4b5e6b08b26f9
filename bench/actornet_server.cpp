// SPDX-License-Identifier: BSD-3-Clause

// The server under test: actornet as a user would write it, with a connection actor and a handler
// actor for each client.
//
//     actornet_server MODE PORT [SIZE [DIR]] [--backend B] [--loops N]
//
// Prints `ready` when it listens on 127.0.0.1, and ends on SIGTERM.

#include <actornet/actornet.hpp>

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <string>

namespace an = actornet;

namespace {

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

struct arguments {
  std::string mode;
  std::string port;
  std::string size;
  std::string directory;
  std::string backend = "auto";
  std::size_t loops = 1;
};

int serve(const arguments& given) {
  an::config cfg;
  cfg.set("actornet.backend", given.backend);
  cfg.set("actornet.loops", given.loops);
  // The pool is not used here; its idle workers must not disturb the measurement.
  cfg.set("scheduler.policy", caf::atom("sharing"));
  caf::actor_system system{cfg};
  auto server = an::runtime::from(system).listen(
      {.address = "tcp://127.0.0.1:" + given.port, .backlog = 4096, .no_delay = true}, echo);
  if (!server) {
    std::cerr << to_string(server.error()) << '\n';
    return 1;
  }
  std::cout << "ready" << std::endl;
  system.await_all_actors_done(); // never: the listener lives until SIGTERM ends the process
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGTERM, [](int) { std::_Exit(0); });
  arguments given;
  CLI::App app{"The actornet server of the benchmarks"};
  app.add_option("mode", given.mode, "what to do with bytes")
      ->required()
      ->check(CLI::IsMember({"tcp-echo"}));
  app.add_option("port", given.port, "on 127.0.0.1")->required();
  app.add_option("size", given.size, "of messages; unused by tcp-echo");
  app.add_option("directory", given.directory, "for files; unused by tcp-echo");
  app.add_option("--backend", given.backend, "I/O backend")
      ->check(CLI::IsMember({"auto", "epoll"}));
  app.add_option("--loops", given.loops, "number of I/O loops");
  CLI11_PARSE(app, argc, argv);
  return serve(given);
}
