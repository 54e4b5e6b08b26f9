// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "responder.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace actornet {

/// Which writes were asked for, how much of them the kernel has, and who waits for an answer. The
/// bytes themselves are with the socket; this counts them.
///
/// Everything is measured on one line that begins with the connection: a write is done when the
/// bytes taken have come as far as its end.
class write_ledger {
public:
  struct entry {
    std::uint64_t ends_at;
    std::uint64_t bytes;
    responder asker; // empty for a plain send
    bool keep_going = true;
  };

  /// True: this write leaves the queue so full that it must be judged after the first attempt to
  /// send.
  bool add(std::uint64_t bytes, responder asker, std::size_t high_water_mark) {
    asked_ += bytes;
    entries_.push_back({asked_, bytes, std::move(asker)});
    return queued() > 0 && queued() >= high_water_mark;
  }

  /// The kernel took `bytes` more; calls `done(entry)` for each write that is complete, in order.
  template <class F> void taken(std::uint64_t bytes, F&& done) {
    taken_ += bytes;
    complete(std::forward<F>(done));
  }

  /// Also called after an empty write, which is complete when it is at the front.
  template <class F> void complete(F&& done) {
    while (!entries_.empty() && entries_.front().ends_at <= taken_) {
      auto first = std::move(entries_.front());
      entries_.pop_front();
      done(first);
    }
  }

  /// The first attempt is made: each write since the last judgement that still leaves, at its end,
  /// at least `high_water_mark` bytes queued is told not to keep going. True if there is one.
  bool judge(std::size_t high_water_mark) {
    bool full = false;
    for (auto each = entries_.rbegin(); each != entries_.rend() && each->ends_at > judged_;
         ++each) {
      auto left = each->ends_at - taken_;
      if (left == 0 || left < high_water_mark)
        break; // those before it leave less
      each->keep_going = false;
      full = true;
    }
    judged_ = asked_;
    return full;
  }

  /// No more will be taken; calls `lost(entry)` for each write that is not complete, in order.
  template <class F> void give_up(F&& lost) {
    auto left = std::exchange(entries_, {});
    for (auto& each : left)
      lost(each);
  }

  std::uint64_t queued() const noexcept { return asked_ - taken_; }
  std::uint64_t bytes_taken() const noexcept { return taken_; }
  bool empty() const noexcept { return asked_ == taken_; }

private:
  std::deque<entry> entries_;
  std::uint64_t asked_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t judged_ = 0;
};

} // namespace actornet
