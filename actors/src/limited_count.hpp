// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>

namespace actornet {

/// How messages say that there is no limit, and how counts do.
inline constexpr std::int64_t unlimited_message = -1;
inline constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

inline std::uint64_t limit_of(std::int64_t said) noexcept {
  return said < 0 ? unlimited : static_cast<std::uint64_t>(said);
}

/// A number of places in use. Any thread. In sequence with whatever else is: who gives a place back
/// and then looks whether somebody waits, and who says that he waits and then looks for a place,
/// do not miss each other.
class limited_count {
public:
  /// True: one more, and there were fewer than `limit` before. There never are more, however many
  /// threads ask.
  bool take(std::uint64_t limit) noexcept {
    auto before = used_.load();
    while (before < limit)
      if (used_.compare_exchange_weak(before, before + 1))
        return true;
    return false;
  }
  void give_back() noexcept { used_.fetch_sub(1); }
  std::uint64_t used() const noexcept { return used_.load(); }

  bool is_at(std::uint64_t limit) const noexcept { return used() >= limit; }
  /// As far below the limit as makes it worth saying that there is room.
  bool is_well_below(std::uint64_t limit) const noexcept {
    if (limit == unlimited)
      return true;
    auto room = std::max<std::uint64_t>(1, limit / 10);
    return limit >= room && used() <= limit - room;
  }

private:
  std::atomic<std::uint64_t> used_{0};
};

} // namespace actornet
