// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "responder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace actornet {

/// Which writes were asked for, how much of them the kernel has, and who waits for an answer. The
/// bytes themselves are with the socket; this counts them.
///
/// Everything is measured on one line that begins with the connection: a write is done when the
/// bytes taken have come as far as its end.
///
/// Those that nobody waits for are most, and are counted apart: of them only the sizes matter.
class write_ledger {
public:
  /// A write that somebody waits for.
  struct entry {
    std::uint64_t ends_at;
    std::uint64_t bytes;
    responder asker;
    bool keep_going = true;
    /// Comes from a pipe: its source is held back by other means, and nobody is told of a full
    /// queue.
    bool is_piped = false;
    /// Came too late, and is to be told so behind those before it.
    bool is_refused = false;
  };

  /// True: this write leaves the queue so full that it must be judged after the first attempt to
  /// send.
  bool add(std::uint64_t bytes, std::size_t high_water_mark) {
    asked_ += bytes;
    written_ = asked_;
    plain_.push({asked_, bytes});
    return queued() > 0 && queued() >= high_water_mark;
  }
  bool add(std::uint64_t bytes, responder&& asker, std::size_t high_water_mark) {
    asked_ += bytes;
    written_ = asked_;
    await({asked_, bytes, std::move(asker)});
    return queued() > 0 && queued() >= high_water_mark;
  }

  /// The same for bytes of a pipe, which are never judged.
  void add_piped(std::uint64_t bytes, responder&& asker) {
    asked_ += bytes;
    await({asked_, bytes, std::move(asker), true, true});
  }
  void add_refused_piped(responder&& asker) {
    await({asked_, 0, std::move(asker), true, true, true});
  }

  /// How much of it was taken.
  std::uint64_t taken_of(const entry& which) const noexcept {
    auto begins_at = which.ends_at - which.bytes;
    return taken_ <= begins_at ? 0 : std::min(taken_ - begins_at, which.bytes);
  }

  /// The kernel took `bytes` more; calls `done(entry)` for each write that is complete and that
  /// somebody waits for, in order.
  template <class F> void taken(std::uint64_t bytes, F&& done) {
    taken_ += bytes;
    complete(std::forward<F>(done));
  }

  /// Also called after an empty write, which is complete when it is at the front.
  template <class F> void complete(F&& done) {
    while (!plain_.empty() && plain_.front().ends_at <= taken_)
      plain_.pop();
    while (awaited_ && !awaited_->empty() && awaited_->front().ends_at <= taken_) {
      auto first = std::move(awaited_->front());
      awaited_->pop();
      done(first);
    }
  }

  /// The first attempt is made: each write since the last judgement that still leaves, at its end,
  /// at least `high_water_mark` bytes queued is told not to keep going. True if there is one.
  ///
  /// An empty one ends where the last judgement did. To judge those again that do changes nothing:
  /// with time less is queued at their end.
  bool judge(std::size_t high_water_mark) {
    auto fills = [&](std::uint64_t ends_at) {
      return ends_at >= judged_ && ends_at > taken_ && ends_at - taken_ >= high_water_mark;
    };
    const bool full = fills(written_); // those before the last leave less
    if (awaited_)
      for (auto after = awaited_->end(); after != awaited_->begin(); --after) {
        auto& each = *(after - 1);
        if (!fills(each.ends_at))
          break; // those before it leave less
        each.keep_going = each.is_piped;
      }
    judged_ = asked_;
    return full;
  }

  /// Of those that were told not to keep going, none need wait any longer.
  void release() noexcept {
    if (awaited_)
      for (auto& each : *awaited_)
        each.keep_going = true;
  }

  /// No more will be taken; calls `lost(entry)` for each write that is not complete and that
  /// somebody waits for, in order. Returns the bytes of the others.
  template <class F> std::uint64_t give_up(F&& lost) {
    const auto bytes = plain_.give_up();
    if (auto left = std::exchange(awaited_, nullptr))
      for (auto& each : *left)
        lost(each);
    return bytes;
  }

  /// `bytes` that no write asked for went to the kernel past the socket; only the totals know.
  void pumped(std::uint64_t bytes) noexcept { pumped_ += bytes; }

  /// Of what programs wrote, and no pipe gave, something waits.
  bool has_writes() const noexcept { return written_ > taken_; }
  std::uint64_t queued() const noexcept { return asked_ - taken_; }
  std::uint64_t bytes_asked() const noexcept { return asked_ + pumped_; }
  std::uint64_t bytes_taken() const noexcept { return taken_ + pumped_; }
  bool empty() const noexcept { return asked_ == taken_; }
  /// For how many writes there is memory.
  std::size_t capacity() const noexcept {
    return plain_.capacity() + (awaited_ ? awaited_->capacity() : 0);
  }

private:
  struct span {
    std::uint64_t ends_at;
    std::uint64_t bytes;
  };

  /// A vector with a moving front, which holds no memory to speak of while nothing is on its way:
  /// most connections are idle.
  template <class T> class queue {
  public:
    void push(T&& last) { items_.push_back(std::move(last)); }
    bool empty() const noexcept { return front_ == items_.size(); }
    T& front() noexcept { return items_[front_]; }
    T* begin() noexcept { return items_.data() + front_; }
    T* end() noexcept { return items_.data() + items_.size(); }
    std::size_t capacity() const noexcept { return items_.capacity(); }

    void pop() {
      if (++front_ == items_.size() && items_.capacity() <= kept_max) {
        items_.clear();
        front_ = 0;
      } else if (front_ == items_.size() || (front_ > 64 && front_ * 2 > items_.size())) {
        give_memory_back();
      }
    }

  private:
    static constexpr std::size_t kept_max = 16;

    [[gnu::noinline]] void give_memory_back() {
      if (front_ == items_.size())
        std::vector<T>().swap(items_); // an assignment of {} would keep the memory
      else
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(front_));
      front_ = 0;
    }

    std::vector<T> items_;
    std::size_t front_ = 0;
  };

  /// Plain writes. Most connections never have more than one on its way: the first has its place
  /// within.
  class plain_queue {
  public:
    void push(const span& last) {
      if (has_first_ || has_others())
        return push_behind(last);
      first_ = last;
      has_first_ = true;
    }
    bool empty() const noexcept { return !has_first_ && !has_others(); }
    const span& front() const noexcept { return has_first_ ? first_ : others_->front(); }
    void pop() {
      if (!std::exchange(has_first_, false))
        others_->pop();
    }
    std::size_t capacity() const noexcept { return others_ ? others_->capacity() : 0; }

    /// Forgets them; how many bytes they were.
    std::uint64_t give_up() {
      std::uint64_t bytes = 0;
      for (; !empty(); pop())
        bytes += front().bytes;
      return bytes;
    }

  private:
    bool has_others() const noexcept { return others_ && !others_->empty(); }
    [[gnu::noinline]] void push_behind(const span& last) {
      if (!others_)
        others_ = std::make_unique<queue<span>>();
      others_->push(span(last));
    }

    span first_{};
    std::unique_ptr<queue<span>> others_;
    bool has_first_ = false;
  };

  void await(entry&& last) {
    if (!awaited_)
      awaited_ = std::make_unique<queue<entry>>();
    awaited_->push(std::move(last));
  }

  plain_queue plain_;
  std::unique_ptr<queue<entry>> awaited_; // few connections have any
  std::uint64_t asked_ = 0;
  std::uint64_t written_ = 0; // the end of the last that no pipe gave
  std::uint64_t taken_ = 0;
  std::uint64_t judged_ = 0;
  std::uint64_t pumped_ = 0;
};

} // namespace actornet
