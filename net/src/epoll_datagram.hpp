// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "epoll_source.hpp"
#include "kernel_datagram.hpp"

namespace actornet::net {

class epoll_backend;

/// A datagram socket of an epoll backend.
class epoll_datagram final : public kernel_datagram, public epoll_source {
public:
  epoll_datagram(epoll_backend& home, opened_datagram opened, datagram_events& events);
  expected<void> begin();

  void close() override;

  void on_events(std::uint32_t events) override;
  void on_turn() override { receive_more(); }
  void on_flush() override { send_some(); }

private:
  epoll_backend& home() const noexcept;

  void ask_to_receive() override;
  void ask_to_send() override;
  void watch_room(bool wanted) override;
  void watch_data(bool wanted) override;
  void watch_as_wanted();

  bool wants_data_ = true;
  bool wants_room_ = false;
};

} // namespace actornet::net
