// SPDX-License-Identifier: BSD-3-Clause

// The server under test: actornet as a user would write it, with a connection actor and a handler
// actor for each client; or one handler for all, where they have to know of each other (broadcast)
// or where memory counts (tcp-echo-shared).
//
//     actornet_server MODE PORT [SIZE [DIR]] [--backend B] [--loops N] [--busy-poll-us N] [--gro]
//                     [--guarded]
//
// Prints `ready` when it listens on 127.0.0.1, and ends on SIGTERM. A sink then says what it has
// seen: `count MESSAGES BYTES`, a message being a `data` event, or a datagram.

#include <actornet/actornet.hpp>

#include <CLI/CLI.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace an = actornet;

namespace {

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

std::atomic<std::uint64_t> data_count{0}; // written on I/O loops, read by main at the end
std::atomic<std::uint64_t> data_bytes{0};

caf::behavior sink(caf::event_based_actor*, an::connection) {
  return {[](const an::data& event) {
    data_count.fetch_add(1, std::memory_order_relaxed);
    data_bytes.fetch_add(event.bytes.size(), std::memory_order_relaxed);
  }};
}

caf::behavior shared_echo(caf::event_based_actor* self) {
  return {[=](const an::data& event) { self->send(event.peer, an::write{event.bytes}); }};
}

caf::behavior hub(caf::event_based_actor* self) {
  auto clients = std::make_shared<std::unordered_map<caf::actor_id, an::connection>>();
  return {
      [=](const an::connected& event) { clients->emplace(event.peer.id(), event.peer); },
      [=](const an::data& event) {
        for (const auto& [id, client] : *clients)
          self->send(client, an::write{event.bytes});
      },
      [=](const an::closed& event) { clients->erase(event.peer.id()); },
  };
}

// Each connection into a file of its own; it ends when that is complete.
an::handler into_files(caf::actor_system& system, std::string directory) {
  auto next = std::make_shared<std::atomic<unsigned>>(0);
  return [&system, directory = std::move(directory), next](caf::event_based_actor* self,
                                                           an::connection peer) -> caf::behavior {
    auto file = an::runtime::from(system).open_sink(
        {.path = directory + "/out." + std::to_string(next->fetch_add(1))});
    self->send(peer, an::pipe{.to = *file});
    return {[=](const an::unpiped& event) {
      if (event.reason == an::unpipe_reason::sink_failed) {
        std::cerr << to_string(event.why) << std::endl;
        self->send(peer, an::destroy{});
      }
    }};
  };
}

// A handler for all lives on a loop, so that no thread lies between it and the connections there.
an::handler make_handler(caf::actor_system& system, const std::string& mode,
                         const std::string& directory) {
  auto& runtime = an::runtime::from(system);
  if (mode == "broadcast")
    return runtime.spawn_on_loop(hub);
  if (mode == "tcp-echo-shared")
    return runtime.spawn_on_loop(shared_echo);
  if (mode == "tcp-to-file")
    return into_files(system, directory);
  return mode == "tcp-sink" ? sink : echo;
}

// What came together goes back together.
caf::behavior udp_echo(caf::event_based_actor* self, an::udp_endpoint at) {
  return {[=](const an::datagrams& event) {
    an::send_batch answer;
    answer.all.reserve(event.all.size());
    for (const auto& each : event.all)
      answer.all.push_back({each.bytes, each.from});
    self->send(at, std::move(answer));
  }};
}

caf::behavior udp_sink(caf::event_based_actor*, an::udp_endpoint) {
  return {[](const an::datagrams& event) {
    std::uint64_t bytes = 0;
    for (const auto& each : event.all)
      bytes += each.bytes.size();
    data_count.fetch_add(event.all.size(), std::memory_order_relaxed);
    data_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }};
}

struct arguments {
  std::string mode;
  std::string port;
  std::string size;
  std::string directory;
  std::string backend = "auto";
  std::size_t loops = 1;
  std::size_t busy_poll_us = 0;
  bool receive_offload = false;
  bool guarded = false;
};

/// One whose limits are never reached: what asking costs.
an::connection_broker broker_of(caf::actor_system& system, const arguments& given) {
  if (!given.guarded)
    return {};
  constexpr std::int64_t many = 1'000'000;
  return *an::runtime::from(system).make_broker({.limits = {.total = many,
                                                            .per_listener = many,
                                                            .per_address = many,
                                                            .per_prefix = many,
                                                            .accepts_per_second = many}});
}

/// Starts what is to serve; the error if that cannot be.
std::optional<an::error> start(caf::actor_system& system, const arguments& given) {
  auto& runtime = an::runtime::from(system);
  if (given.mode.starts_with("udp-")) {
    const bool offload = given.receive_offload || given.mode.ends_with("-offload");
    auto server = runtime.open_udp({.address = "udp4://127.0.0.1:" + given.port,
                                    .receive_buffer_bytes = 4 * 1024 * 1024, // as the peers have it
                                    .batches = true,
                                    .receive_offload = offload},
                                   given.mode.starts_with("udp-echo") ? udp_echo : udp_sink);
    return server ? std::nullopt : std::optional(server.error());
  }
  auto server = runtime.listen(
      {.address = "tcp://127.0.0.1:" + given.port,
       .backlog = 4096,
       .broker = broker_of(system, given),
       .pause_on_connect = given.mode == "tcp-to-file", // no byte comes before its pipe
       .no_delay = true},
      make_handler(system, given.mode, given.directory));
  return server ? std::nullopt : std::optional(server.error());
}

int serve(const arguments& given) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr); // before there are other threads: main waits for it
  an::config cfg;
  cfg.set("actornet.backend", given.backend);
  cfg.set("actornet.loops", given.loops);
  cfg.set("actornet.busy_poll_us", given.busy_poll_us);
  // Idle workers of the pool must not disturb the measurement, and there is one core.
  cfg.set("scheduler.policy", caf::atom("sharing")).set("scheduler.max-threads", std::size_t{1});
  caf::actor_system system{cfg};
  if (auto why = start(system, given)) {
    std::cerr << to_string(*why) << '\n';
    std::_Exit(1);
  }
  std::cout << "ready" << std::endl;
  int number = 0;
  sigwait(&ends, &number);
  if (given.mode == "tcp-sink" || given.mode.starts_with("udp-sink"))
    std::cout << "count " << data_count << ' ' << data_bytes << std::endl;
  std::_Exit(0); // the listener would keep the system alive
}

} // namespace

int main(int argc, char** argv) {
  arguments given;
  CLI::App app{"The actornet server of the benchmarks"};
  app.add_option("mode", given.mode, "what to do with bytes")
      ->required()
      ->check(CLI::IsMember({"tcp-echo", "tcp-echo-shared", "tcp-sink", "tcp-to-file", "broadcast",
                             "udp-echo", "udp-echo-offload", "udp-sink", "udp-sink-offload"}));
  app.add_option("port", given.port, "on 127.0.0.1")->required();
  app.add_option("size", given.size, "of messages; needed by no mode yet");
  app.add_option("directory", given.directory, "tcp-to-file: where out.0, out.1, ... are made");
  app.add_option("--backend", given.backend, "I/O backend")
      ->check(CLI::IsMember({"auto", "epoll", "uring"}));
  app.add_option("--loops", given.loops, "number of I/O loops");
  app.add_option("--busy-poll-us", given.busy_poll_us, "how long a loop looks before it sleeps");
  app.add_flag("--gro", given.receive_offload,
               "as the modes with -offload: datagrams come from the kernel many at a time");
  app.add_flag("--guarded", given.guarded, "with a connection broker whose limits are not reached");
  CLI11_PARSE(app, argc, argv);
  return serve(given);
}
