// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace actornet::net {

class timer_queue;

/// Something that happens once at an instant. Lives inside what it belongs to; disarms itself when
/// destroyed. May be armed again from within `on_timer`. One thread: the loop's.
class timer {
public:
  timer() = default;
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  bool armed() const noexcept { return queue_ != nullptr; }
  /// Only while armed.
  instant deadline() const noexcept { return deadline_; }

protected:
  virtual ~timer();

  /// The time has come; the timer is no longer armed. May arm, disarm and destroy any timer, itself
  /// included. Must not destroy the queue.
  virtual void on_timer() = 0;

private:
  friend class timer_queue;

  timer_queue* queue_ = nullptr;
  std::size_t position_ = 0;
  instant deadline_{};
  // Which arming of the queue's was the last of this timer.
  std::uint64_t sequence_ = 0;
};

/// The timers of one loop, earliest first, equal deadlines in the order in which they were last
/// armed.
///
/// Told the time by the loop. Arming and disarming is O(log n); moving an armed timer to a later
/// deadline is a store, O(1): it stays filed where it was and is filed again when that instant
/// comes. So an idle timeout that every byte pushes forward costs nothing per byte.
class timer_queue {
public:
  timer_queue() = default;
  /// Disarms what is left.
  ~timer_queue();
  timer_queue(const timer_queue&) = delete;
  timer_queue& operator=(const timer_queue&) = delete;

  /// Arms, or moves, `what`. An instant before the latest `advance` counts as that instant.
  void arm(timer& what, instant deadline);
  /// Harmless when it is not armed.
  void disarm(timer& what) noexcept;

  /// When to call `advance` next: not later than the earliest deadline (it may be earlier).
  std::optional<instant> next() const noexcept;

  /// Calls `on_timer` of each timer whose deadline is not after `now`; returns how many. Timers
  /// that are armed from within for an instant not after `now` wait for the next call, so it always
  /// ends. An exception of `on_timer` passes through, and leaves the other timers as they are.
  std::size_t advance(instant now);

  std::size_t size() const noexcept { return heap_.size(); }

private:
  // A timer and where it is filed: never later than its deadline and last arming.
  struct entry {
    instant at;
    std::uint64_t sequence;
    timer* what;

    bool operator<(const entry& other) const noexcept {
      return at != other.at ? at < other.at : sequence < other.sequence;
    }
  };

  static entry entry_of(timer& what) noexcept;
  void put(std::size_t position, const entry& filed) noexcept;
  void sift_up(std::size_t position, const entry& filed) noexcept;
  void sift_down(std::size_t position, const entry& filed) noexcept;

  // A heap with four children to a node: half as deep as a binary one, and siblings lie together.
  std::vector<entry> heap_;
  std::uint64_t sequence_ = 0;
  instant now_ = instant::min();
};

} // namespace actornet::net
