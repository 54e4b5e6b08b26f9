// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "loop_timer.hpp"

#include <actornet/net/address.hpp>
#include <actornet/net/address_list.hpp>
#include <actornet/net/io_backend.hpp>
#include <actornet/net/timer_queue.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace actornet {

class io_loop;

/// What is to be connected to, and how.
struct connect_plan {
  net::address to;
  net::address_family family = net::address_family::none;
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds attempt_delay{250};
  net::connect_options how;
  net::address_list deny;
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

/// The way from an address to a connection: the name, which has a deadline of its own, a race of
/// its addresses, and a deadline over all. Destroying it gives up, silently. Loop's thread.
///
/// The race is that of RFC 8305 ("happy eyeballs"): families alternate, one address follows the
/// other after `attempt_delay` or as soon as one has failed, and none is given up before one has
/// won. A loser was never written to.
class connect_attempt final : net::name_lookup_events, net::timer {
public:
  connect_attempt(io_loop& home, connect_plan plan, connect_outcome& outcome);
  ~connect_attempt() override;

  void start();

private:
  class racer;

  void on_resolved(std::vector<net::endpoint> found) override;
  void on_not_resolved(const net::error& why) override;
  void on_timer() override;

  void add_loopbacks(std::vector<net::endpoint>& found) const;
  void begin_with(std::vector<net::endpoint> found);
  void try_next();
  void won(racer& who, const net::endpoint& local);
  void lost(racer& who, const net::error& why);
  void fail(net::error why);
  void note_failure(const net::endpoint& to, const net::error& why);
  net::error with_all_failures(net::error why) const;

  io_loop& home_;
  connect_plan plan_;
  connect_outcome& outcome_;
  net::name_lookup_ptr lookup_;
  loop_timer answer_due_;
  loop_timer next_due_;
  std::vector<net::endpoint> candidates_; // next one last
  std::vector<std::unique_ptr<racer>> racers_;
  std::optional<net::error> first_failure_;
  std::string failures_; // "127.0.0.1:80 ECONNREFUSED, ..." so far
  int failure_count_ = 0;
};

} // namespace actornet
