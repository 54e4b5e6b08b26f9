// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "send_asker.hpp"

#include <caf/actor_control_block.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace actornet {

/// Which datagrams were given to a socket, what its queue costs, and who is to be told of each. The
/// datagrams themselves are with the socket.
///
/// A plain send of the endpoint itself is only a number, its tag; for the others there is an entry.
/// Outcomes come in the order of the sends, so the next entry is always the first.
class send_ledger {
public:
  using tag = std::uint64_t;

  struct entry {
    send_asker asker;
    /// The session that sent it; null: the endpoint.
    caf::strong_actor_ptr whose;
    std::uint64_t bytes = 0;
    std::uint64_t ends_at = 0;
    bool keep_going = true;
  };

  /// What a datagram costs in the queue besides its bytes, so that empty ones are not free.
  static constexpr std::uint64_t overhead = 128;
  static constexpr std::uint64_t cost_of(std::uint64_t bytes) noexcept { return bytes + overhead; }

  static bool is_plain(tag what) noexcept { return (what & plain_bit) != 0; }
  static std::uint64_t bytes_of_plain(tag what) noexcept { return what & ~plain_bit; }

  /// `blocked`: the kernel takes no more, so it is judged at once.
  tag add(std::uint64_t bytes, send_asker&& asker, caf::strong_actor_ptr whose, bool blocked,
          std::uint64_t high_water_mark) {
    asked_ += cost_of(bytes);
    const bool full = blocked && queued() >= high_water_mark;
    was_full_ = was_full_ || full;
    if (!asker && !whose) {
      ++plain_count_;
      plain_bytes_ += bytes;
      return plain_bit | bytes;
    }
    entries_.push_back({std::move(asker), std::move(whose), bytes, asked_, !full});
    return 0;
  }

  /// A plain one of `bytes` has left, or failed.
  void plain_over(std::uint64_t bytes) noexcept {
    taken_ += cost_of(bytes);
    --plain_count_;
    plain_bytes_ -= bytes;
  }

  /// The first that is not plain has left, or failed.
  entry take_first() {
    auto first = std::move(entries_.front());
    entries_.pop_front();
    taken_ += cost_of(first.bytes);
    return first;
  }
  bool has_entries() const noexcept { return !entries_.empty(); }

  /// The kernel takes no more after an attempt: who left too much behind is told not to keep going.
  void judge(std::uint64_t high_water_mark) {
    was_full_ = was_full_ || queued() >= high_water_mark;
    for (auto each = entries_.rbegin(); each != entries_.rend(); ++each) {
      if (each->ends_at - taken_ < high_water_mark)
        return; // those before it leave less
      each->keep_going = false;
    }
  }

  /// Whether the queue has reached the mark since this was last asked.
  bool take_was_full() noexcept { return std::exchange(was_full_, false); }

  std::uint64_t plain_count() const noexcept { return plain_count_; }
  std::uint64_t plain_bytes() const noexcept { return plain_bytes_; }
  /// What all that are not over cost.
  std::uint64_t queued() const noexcept { return asked_ - taken_; }

private:
  static constexpr tag plain_bit = tag{1} << 63;

  std::deque<entry> entries_;
  std::uint64_t asked_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t plain_count_ = 0;
  std::uint64_t plain_bytes_ = 0;
  bool was_full_ = false;
};

} // namespace actornet
