// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "order/other_side.hpp"
#include "system/raw_socket.hpp"

#include <poll.h>

#include <set>
#include <string>

namespace actornet::test {

/// A socket of the kernel that never blocks: a stage turns it, over and over.
class kernel_other_side final : public other_side {
public:
  using registry = std::set<kernel_other_side*>;

  /// Takes a connected socket. Is in `all` as long as it lives.
  kernel_other_side(raw_socket connected, registry& all);
  ~kernel_other_side() override;
  kernel_other_side(const kernel_other_side&) = delete;
  kernel_other_side& operator=(const kernel_other_side&) = delete;

  void sends(std::string_view bytes) override;
  void finishes() override;
  void closes() override;
  void resets() override;
  void stops_reading() override { reading_ = false; }
  void reads() override { reading_ = true; }
  const std::string& received() const override { return received_; }
  bool got_end() const override { return got_end_; }
  bool was_reset() const override { return was_reset_; }

  /// Sends and receives what the kernel takes and has.
  void turn();
  /// What it waits for; events 0 when nothing.
  pollfd interest() const;
  /// The other kernel end has everything that was sent.
  bool everything_arrived() const;

private:
  bool is_open() const noexcept { return socket_.number() >= 0; }
  void send_waiting();
  void receive_waiting();

  registry& all_;
  raw_socket socket_;
  std::string unsent_;
  std::string received_;
  bool reading_ = true;
  bool finishing_ = false;
  bool got_end_ = false;
  bool was_reset_ = false;
};

} // namespace actornet::test
