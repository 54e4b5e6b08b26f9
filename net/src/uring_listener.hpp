// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "uring_source.hpp"

#include <actornet/net/listen_socket.hpp>

namespace actornet::net {

class uring_backend;

/// A listening socket of an io_uring backend.
class uring_listener final : public listen_socket, public uring_source {
public:
  uring_listener(uring_backend& home, opened_listener opened, listen_events& events);

  void start_accepting() override;
  void stop_accepting() override;
  void accept_singly(bool singly) override;
  void close() override;

  void on_flush() override;
  void on_turn() override;
  void on_completion(const uring_completion& what) override;

private:
  void on_accept_completion(const uring_completion& what);
  void tell_one(descriptor socket);
  void accept_who_waits();
  void accept_some(int most);
  void fail(const error& why);

  // Bounds the turn: connections beyond wait for the next one.
  static constexpr int accepts_per_turn_max = 64;
  // So often one client is accepted by itself before it is looked whether several wait.
  static constexpr int turns_alone_max = 8;

  uring_backend& home_;
  opened_listener opened_;
  listen_events& events_;
  bool accepting_ = false;
  bool singly_ = false;
  int alone_ = 0;
  // Asked to accept, the kernel would refuse at once, whether or not a client is there.
  bool starved_ = false;
};

} // namespace actornet::net
