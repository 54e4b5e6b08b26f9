// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "backend.hpp"

#include <actornet/net/listen_socket.hpp>

namespace actornet::net::simulation {

/// A listening socket of a simulated backend.
class listener final : public listen_socket, public source, public watcher {
public:
  listener(backend& home, descriptor socket, listener_end_ptr end, listen_events& events);

  void start_accepting() override;
  void stop_accepting() override { accepting_ = false; }
  void accept_singly(bool singly) override { singly_ = singly; }
  void close() override;

  void on_turn() override;
  void on_change() override { home_.call_next_turn(*this); }

private:
  void accept_one();
  void no_connection();
  void shed_one();
  void fail_accept(int number);

  // Bounds the turn: connections beyond wait for the next one.
  static constexpr int accepts_per_turn_max = 16;

  backend& home_;
  descriptor socket_;
  listener_end_ptr end_;
  listen_events& events_;
  bool accepting_ = false;
  bool singly_ = false;
};

} // namespace actornet::net::simulation
