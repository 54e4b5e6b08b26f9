// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace actornet {

/// Keeps a line that could be written any number of times to one a second.
class line_limit {
public:
  /// Something happened that deserves a line. If one is due: how many others went without since the
  /// last. Else nothing: this one goes without, too.
  std::optional<std::uint64_t> due(std::chrono::nanoseconds now) {
    if (now < silent_until_) {
      ++unsaid_;
      return std::nullopt;
    }
    silent_until_ = now + std::chrono::seconds(1);
    return std::exchange(unsaid_, 0);
  }

private:
  std::chrono::nanoseconds silent_until_{0};
  std::uint64_t unsaid_ = 0;
};

} // namespace actornet
