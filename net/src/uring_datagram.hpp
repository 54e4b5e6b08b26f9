// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_datagram.hpp"
#include "uring_source.hpp"

namespace actornet::net {

class uring_backend;

/// A datagram socket of an io_uring backend: the ring says when there is something to do, and one
/// call does it for many datagrams.
class uring_datagram final : public kernel_datagram, public uring_source {
public:
  uring_datagram(uring_backend& home, opened_datagram opened, datagram_events& events);

  void close() override;

  void on_flush() override;
  void on_turn() override;
  void on_completion(const uring_completion& what) override;

private:
  uring_backend& home() const noexcept;

  void ask_to_receive() override;
  void ask_to_send() override;
  void watch_room(bool wanted) override;
  void watch_data(bool wanted) override;

  bool wants_data_ = true;
  bool wants_room_ = false;
  bool wants_to_send_ = false;
};

} // namespace actornet::net
