// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <algorithm>
#include <chrono>

namespace actornet::net {

/// Whether a loop is to look for a while whether something came, before it sleeps.
///
/// To be woken takes several times as long as a short exchange with a peer who answers at once. So
/// looking pays where something comes soon, and is a waste of a processor where it does not: after
/// each time that it was one, as many sleeps as before and once more as many begin without it.
class busy_poll {
public:
  /// 0, as it begins: never. Longer than `longest_max` is that.
  void set_longest(duration longest) noexcept { longest_ = std::min(longest, longest_max); }
  static constexpr duration longest_max = std::chrono::hours(1);

  /// How long to look, before the sleep that is due.
  duration next() noexcept {
    if (to_skip_ == 0)
      return longest_;
    --to_skip_;
    return duration(0);
  }
  /// It was looked, and something came before the time was over, or not.
  void looked(bool came) noexcept {
    skips_ = came ? 0 : std::min(2 * skips_ + 1, skips_max);
    to_skip_ = skips_;
  }

private:
  static constexpr unsigned skips_max = 63;

  duration longest_{0};
  unsigned skips_ = 0;
  unsigned to_skip_ = 0;
};

} // namespace actornet::net
