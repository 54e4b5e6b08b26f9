// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace actornet {

class log_sink;

/// Watches how long each turn of a handler holds up its loop, and says so when it is too long: at
/// most one line a second, with the number of turns that it stands for.
///
/// One look at a clock per turn: the end of one is the start of the next. That clock is the
/// kernel's coarse one, which is three times as fast as the other and moves with its ticks, every
/// 1 to 10 ms. A turn is called too long only if it was, with the tick taken off; so one that is
/// over by less than two ticks may pass.
class handler_budget {
public:
  using span = std::chrono::nanoseconds;
  using read_clock = span (*)();

  /// `allowed` of 0: no turn is too long. `log` outlives this.
  handler_budget(std::chrono::milliseconds allowed, log_sink& log);
  /// The same with another clock, which moves by `tick`.
  handler_budget(std::chrono::milliseconds allowed, log_sink& log, read_clock clock, span tick);

  // -- loop's thread -----------------------------------------------------------------------------

  /// The loop does something else, or waits: the next turn does not begin where the last ended.
  void look_away() noexcept { looking_ = false; }
  void turn_begins();
  void turn_ends(const caf::local_actor& whose);

  /// Any thread: how many turns were too long.
  std::uint64_t exceeded() const noexcept { return exceeded_.load(std::memory_order_relaxed); }

private:
  void report(const caf::local_actor& whose, span took, span now);

  log_sink& log_;
  read_clock clock_;
  span allowed_;
  span tick_;
  span since_{0};
  span silent_until_{0};
  std::uint64_t unreported_ = 0;
  // Counted on the loop's thread, read on any.
  std::atomic<std::uint64_t> exceeded_{0};
  bool looking_ = false;
};

} // namespace actornet
