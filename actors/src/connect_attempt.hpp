// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "loop_timer.hpp"

#include <actornet/net/address.hpp>
#include <actornet/net/io_backend.hpp>
#include <actornet/net/timer_queue.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace actornet {

class io_loop;

/// What is to be connected to, and how.
struct connect_plan {
  net::address to;
  net::address_family family = net::address_family::none;
  std::chrono::milliseconds timeout{0};
  net::stream_options stream;
};

/// Who is told how an attempt ended; once. May destroy the attempt.
class connect_outcome {
public:
  virtual void on_established(net::stream_socket_ptr socket, const net::endpoint& local,
                              const net::endpoint& remote) = 0;
  virtual void on_not_established(const net::error& why) = 0;

protected:
  ~connect_outcome() = default;
};

/// The way from an address to a connection: the name, which has a deadline of its own, its
/// addresses one after the other, and a deadline over all. Destroying it gives up, silently. Loop's
/// thread.
class connect_attempt final : net::stream_events, net::name_lookup_events, net::timer {
public:
  connect_attempt(io_loop& home, connect_plan plan, connect_outcome& outcome);

  void start();

private:
  void on_resolved(std::vector<net::endpoint> found) override;
  void on_not_resolved(const net::error& why) override;
  void on_connected(const net::endpoint& local) override;
  void on_connect_failed(const net::error& why) override;
  void on_timer() override;

  void try_next();
  void fail(net::error why);

  // Nothing of this can happen before the stream belongs to a connection.
  void on_received(net::chunk) override {}
  void on_end() override {}
  void on_receive_failed(const net::error&) override {}
  void on_sent(std::size_t) override {}
  void on_send_blocked() override {}
  void on_finished() override {}
  void on_send_failed(const net::error&) override {}

  io_loop& home_;
  connect_plan plan_;
  connect_outcome& outcome_;
  net::name_lookup_ptr lookup_;
  loop_timer answer_due_;
  std::vector<net::endpoint> candidates_; // next one last
  net::endpoint trying_;
  net::stream_socket_ptr socket_;
  std::string tried_; // "127.0.0.1:80 ECONNREFUSED, ..." so far
  int failures_ = 0;
};

} // namespace actornet
