// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "responder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace actornet {

/// Which writes were asked for, how much of them the kernel has, and who waits for an answer. The
/// bytes themselves are with the socket; this counts them.
///
/// Everything is measured on one line that begins with the connection: a write is done when the
/// bytes taken have come as far as its end.
///
/// A vector with a moving front, which holds no memory to speak of while nothing is on its way:
/// most connections are idle.
class write_ledger {
public:
  struct entry {
    std::uint64_t ends_at;
    std::uint64_t bytes;
    responder asker; // empty for a plain send
    bool keep_going = true;
    /// Comes from a pipe: its source is held back by other means, and nobody is told of a full
    /// queue.
    bool is_piped = false;
    /// Came too late, and is to be told so behind those before it.
    bool is_refused = false;
  };

  /// True: this write leaves the queue so full that it must be judged after the first attempt to
  /// send.
  bool add(std::uint64_t bytes, responder&& asker, std::size_t high_water_mark) {
    asked_ += bytes;
    entries_.push_back({asked_, bytes, std::move(asker)});
    return queued() > 0 && queued() >= high_water_mark;
  }

  /// The same for bytes of a pipe, which are never judged.
  void add_piped(std::uint64_t bytes, responder&& asker) {
    asked_ += bytes;
    entries_.push_back({asked_, bytes, std::move(asker), true, true});
  }
  void add_refused_piped(responder&& asker) {
    entries_.push_back({asked_, 0, std::move(asker), true, true, true});
  }

  /// How much of it was taken.
  std::uint64_t taken_of(const entry& which) const noexcept {
    auto begins_at = which.ends_at - which.bytes;
    return taken_ <= begins_at ? 0 : std::min(taken_ - begins_at, which.bytes);
  }

  /// The kernel took `bytes` more; calls `done(entry)` for each write that is complete, in order.
  template <class F> void taken(std::uint64_t bytes, F&& done) {
    taken_ += bytes;
    complete(std::forward<F>(done));
  }

  /// Also called after an empty write, which is complete when it is at the front.
  template <class F> void complete(F&& done) {
    while (front_ < entries_.size() && entries_[front_].ends_at <= taken_) {
      auto first = pop_front();
      done(first);
    }
  }

  /// The first attempt is made: each write since the last judgement that still leaves, at its end,
  /// at least `high_water_mark` bytes queued is told not to keep going. True if there is one.
  bool judge(std::size_t high_water_mark) {
    bool full = false;
    for (auto i = entries_.size(); i > front_ && entries_[i - 1].ends_at > judged_; --i) {
      auto left = entries_[i - 1].ends_at - taken_;
      if (left == 0 || left < high_water_mark)
        break; // those before it leave less
      if (entries_[i - 1].is_piped)
        continue;
      entries_[i - 1].keep_going = false;
      full = true;
    }
    judged_ = asked_;
    return full;
  }

  /// No more will be taken; calls `lost(entry)` for each write that is not complete, in order.
  template <class F> void give_up(F&& lost) {
    auto left = std::exchange(entries_, {});
    for (auto i = std::exchange(front_, 0); i < left.size(); ++i)
      lost(left[i]);
  }

  std::uint64_t queued() const noexcept { return asked_ - taken_; }
  std::uint64_t bytes_asked() const noexcept { return asked_; }
  std::uint64_t bytes_taken() const noexcept { return taken_; }
  bool empty() const noexcept { return asked_ == taken_; }
  /// For how many writes there is memory.
  std::size_t capacity() const noexcept { return entries_.capacity(); }

private:
  static constexpr std::size_t kept_max = 16;

  entry pop_front() {
    auto first = std::move(entries_[front_++]);
    if (front_ == entries_.size())
      forget_all();
    else if (front_ > 64 && front_ * 2 > entries_.size())
      compact();
    return first;
  }

  void forget_all() {
    front_ = 0;
    if (entries_.capacity() > kept_max)
      std::vector<entry>().swap(entries_); // an assignment of {} would keep the memory
    else
      entries_.clear();
  }

  void compact() {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
  }

  std::vector<entry> entries_;
  std::size_t front_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t judged_ = 0;
};

} // namespace actornet
