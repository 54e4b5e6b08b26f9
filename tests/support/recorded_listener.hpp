// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/listen_socket.hpp>

#include <functional>
#include <utility>
#include <vector>

namespace actornet::test {

/// A listening socket that keeps what it accepts.
struct recorded_listener final : net::listen_events {
  net::endpoint local;
  std::vector<net::accepted_stream> accepted;
  std::vector<net::error> failures;
  struct shed_client {
    net::error why;
    net::endpoint local;
    net::endpoint remote;
  };
  std::vector<shed_client> shed;
  /// Called after each event: it may close the socket.
  std::function<void()> then;
  /// Last, so that it is closed before the rest goes.
  net::listen_socket_ptr socket;

  void on_accepted(net::accepted_stream stream) override {
    accepted.push_back(std::move(stream));
    if (then)
      then();
  }
  void on_shed(const net::error& why, const net::endpoint& local_end,
               const net::endpoint& remote) override {
    shed.push_back({why, local_end, remote});
    if (then)
      then();
  }
  void on_accept_failed(const net::error& why) override {
    failures.push_back(why);
    if (then)
      then();
  }
};

} // namespace actornet::test
