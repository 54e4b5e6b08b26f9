// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "epoll_source.hpp"

#include <actornet/net/listen_socket.hpp>

namespace actornet::net {

class epoll_backend;

/// A listening socket of an epoll backend.
class epoll_listener final : public listen_socket, public epoll_source {
public:
  epoll_listener(epoll_backend& home, opened_listener opened, listen_events& events);

  expected<void> begin();

  void start_accepting() override;
  void stop_accepting() override { accepting_ = false; }
  void accept_singly(bool singly) override { singly_ = singly; }
  void close() override;

  void on_events(std::uint32_t events) override;
  void on_turn() override;

private:
  void accept_some();
  void fail(const error& why);

  // Bounds the turn: connections beyond wait for the next one.
  static constexpr int accepts_per_turn_max = 64;

  epoll_backend& home_;
  opened_listener opened_;
  listen_events& events_;
  bool accepting_ = false;
  bool singly_ = false;
  // An edge was told and accept(2) has not said EAGAIN since.
  bool some_wait_ = false;
};

} // namespace actornet::net
