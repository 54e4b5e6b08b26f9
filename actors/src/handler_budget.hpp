// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "coarse_clock.hpp"
#include "line_limit.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace actornet {

class log_sink;

/// Watches how long each turn of a handler holds up its loop, and says so when it is too long: at
/// most one line a second, with the number of turns that it stands for.
///
/// One look at a clock per turn: the end of one is the start of the next. That clock is a coarse
/// one. A turn is called too long only if it was, with the clock's tick taken off; so one that is
/// over by less than two ticks may pass.
class handler_budget {
public:
  using span = coarse_clock::span;

  /// `allowed` of 0: no turn is too long. `log` outlives this.
  handler_budget(std::chrono::milliseconds allowed, log_sink& log, coarse_clock clock);

  // -- loop's thread -----------------------------------------------------------------------------

  /// The loop does something else, or waits: the next turn does not begin where the last ended.
  void look_away() noexcept { looking_ = false; }
  void turn_begins() {
    if (!looking_ && allowed_ != span::zero())
      begin_to_look();
  }
  void turn_ends(const caf::local_actor& whose) {
    if (looking_)
      look_back(whose);
  }

  /// Any thread: how many turns were too long.
  std::uint64_t exceeded() const noexcept { return exceeded_.load(std::memory_order_relaxed); }

private:
  void begin_to_look();
  void look_back(const caf::local_actor& whose);
  void report(const caf::local_actor& whose, span took, span now);

  log_sink& log_;
  coarse_clock clock_;
  line_limit limit_;
  span allowed_;
  span since_{0};
  // Counted on the loop's thread, read on any.
  std::atomic<std::uint64_t> exceeded_{0};
  bool looking_ = false;
};

} // namespace actornet
