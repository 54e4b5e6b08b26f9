// SPDX-License-Identifier: BSD-3-Clause
// A server on CAF's own I/O, as its manual shows it: one broker for all clients. Its command line
// is in command.h.
extern "C" {
#include "command.h"
}

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::atomic<std::uint64_t> data_count{0}; // written by the broker, read by main at the end
std::atomic<std::uint64_t> data_bytes{0};

void handle(caf::io::broker* self, mode chosen, const caf::io::new_data_msg& event) {
  const auto send = [&](caf::io::connection_handle to) {
    self->write(to, event.buf.size(), event.buf.data());
    self->flush(to);
  };
  switch (chosen) {
  case mode_echo:
    return send(event.handle);
  case mode_sink:
    data_count.fetch_add(1, std::memory_order_relaxed);
    data_bytes.fetch_add(event.buf.size(), std::memory_order_relaxed);
    return;
  case mode_broadcast:
    for (auto client : self->connections())
      send(client);
    return;
  default: // main has refused the others
    return;
  }
}

caf::behavior serve(caf::io::broker* self, command given) {
  // A broker allocates what it may read, for each connection; only an echo has many of them.
  constexpr std::size_t most = 64 * 1024;
  const auto read_max =
      given.mode == mode_echo ? std::clamp<std::size_t>(given.size_bytes, 4096, most) : most;
  return {
      [=](const caf::io::new_connection_msg& event) {
        self->configure_read(event.handle, caf::io::receive_policy::at_most(read_max));
      },
      [=](const caf::io::new_data_msg& event) { handle(self, given.mode, event); },
      [](const caf::io::connection_closed_msg&) {},
  };
}

// Each sender has a handle of its own.
caf::behavior serve_datagrams(caf::io::broker* self, const command& given) {
  if (auto bound = self->add_udp_datagram_servant(given.port, "127.0.0.1"); !bound) {
    std::cerr << self->system().render(bound.error()) << '\n';
    std::_Exit(1);
  }
  print_ready();
  return {
      [self, echoes = given.mode == mode_udp_echo](const caf::io::new_datagram_msg& event) {
        if (echoes) {
          self->write(event.handle, event.buf.size(), event.buf.data());
          self->flush(event.handle);
        } else {
          data_count.fetch_add(1, std::memory_order_relaxed);
          data_bytes.fetch_add(event.buf.size(), std::memory_order_relaxed);
        }
      },
      [](const caf::io::datagram_sent_msg&) {},
      [](const caf::io::datagram_servant_closed_msg&) {},
  };
}

bool start(caf::actor_system& system, const command& given) {
  if (is_udp(given.mode)) {
    system.middleman().spawn_broker(serve_datagrams, given);
    return true;
  }
  auto port = given.port;
  if (const auto server = system.middleman().spawn_server(serve, port, given); !server) {
    std::cerr << system.render(server.error()) << '\n';
    return false;
  }
  print_ready();
  return true;
}

int run(const command& given) {
  if (given.mode == mode_udp_echo_offload || given.mode == mode_udp_sink_offload)
    refuse_mode();
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr); // before there are other threads: main waits for it
  caf::actor_system_config cfg;
  // The pool has nothing to do; stealing workers would poll.
  cfg.set("scheduler.policy", caf::atom("sharing")).set("scheduler.max-threads", std::size_t{1});
  cfg.load<caf::io::middleman>();
  caf::actor_system system{cfg};
  if (!start(system, given))
    return 1;
  int number = 0;
  sigwait(&ends, &number);
  if (given.mode == mode_sink || given.mode == mode_udp_sink)
    print_count(data_count, data_bytes);
  std::_Exit(0); // the broker would live on with its last connection
}

} // namespace

int main(int argc, char** argv) { return run(parse_command(argc, argv)); }
