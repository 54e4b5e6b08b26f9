// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/connection_limits.hpp>

#include <actornet/net/instant.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace actornet::test {

/// The tokens of a rate, by the textbook: so many flow in each second, up to the burst.
class token_bucket {
public:
  /// A rate that is another than before begins with all that it keeps.
  void follow(const connection_limits& limits) {
    if (limits.accepts_per_second == per_second_ && limits.accepts_burst == burst_)
      return;
    per_second_ = limits.accepts_per_second;
    burst_ = limits.accepts_burst;
    tokens_ = most();
  }
  void flows_until(net::instant now) {
    const auto passed = std::chrono::duration<double>(now - at_).count();
    at_ = now;
    tokens_ = std::min(most(), tokens_ + passed * static_cast<double>(per_second_));
  }
  void takes_one() { tokens_ -= 1; }

  bool has_one() const { return per_second_ == unlimited_rate || tokens_ > 1 - inexact; }
  bool may_be_empty() const { return per_second_ != unlimited_rate && tokens_ < 1 + inexact; }

private:
  static constexpr std::int64_t unlimited_rate = -1;
  static constexpr double inexact = 1e-3;

  double most() const {
    if (per_second_ == 0)
      return 0;
    return burst_ > 0 ? static_cast<double>(burst_)
                      : std::max(1.0, static_cast<double>(per_second_ / 20));
  }

  std::int64_t per_second_ = unlimited_rate;
  std::int64_t burst_ = 0;
  double tokens_ = 0;
  net::instant at_{};
};

} // namespace actornet::test
