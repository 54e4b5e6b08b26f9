// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace actornet {

/// How many connections may be accepted per second: a bucket of tokens, of which one flows in every
/// so often and no more than the burst are kept. Any thread, and no lock: all that there is is the
/// instant from which on the bucket will be full (the generic cell rate algorithm of ITU-T I.371).
class accept_rate {
public:
  /// `per_second` of -1: as many as like, 0: nobody. `burst` of 0: a twentieth of a second's.
  void set(std::int64_t per_second, std::int64_t burst) noexcept {
    constexpr std::int64_t second = 1'000'000'000;
    constexpr std::int64_t burst_max = 1'000'000;
    if (per_second < 0) {
      interval_ = 0;
    } else if (per_second == 0) {
      interval_ = never;
    } else {
      const auto interval = std::max<std::int64_t>(1, second / per_second);
      const auto most = burst > 0 ? burst : std::max<std::int64_t>(1, per_second / 20);
      ahead_ = (std::min(most, burst_max) - 1) * interval;
      interval_ = interval;
    }
    full_at_ = 0;
  }

  bool is_limited() const noexcept { return interval_.load() != 0; }

  /// A token; false: there is none.
  bool take(net::instant now) noexcept {
    const auto interval = interval_.load();
    if (interval <= 0)
      return interval == 0;
    const auto time = nanoseconds(now);
    const auto ahead = ahead_.load();
    auto full_at = full_at_.load();
    while (full_at - ahead <= time)
      if (full_at_.compare_exchange_weak(full_at, std::max(full_at, time) + interval))
        return true;
    return false;
  }

  /// The token was of no use.
  void give_back() noexcept {
    if (const auto interval = interval_.load(); interval > 0)
      full_at_.fetch_sub(interval);
  }

  /// When there will be a token; none: never, as things are.
  std::optional<net::instant> next() const noexcept {
    const auto interval = interval_.load();
    if (interval < 0)
      return std::nullopt;
    return net::instant(std::chrono::nanoseconds(full_at_.load() - ahead_.load()));
  }

private:
  static constexpr std::int64_t never = -1;

  static std::int64_t nanoseconds(net::instant when) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
  }

  // Each by itself: who asks while they change may get a token too many or too few.
  std::atomic<std::int64_t> interval_{0}; // between tokens; 0: no limit
  std::atomic<std::int64_t> ahead_{0};    // how long before it is full the bucket has a token
  std::atomic<std::int64_t> full_at_{0};
};

} // namespace actornet
