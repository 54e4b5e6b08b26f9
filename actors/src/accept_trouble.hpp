// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace actornet {

/// Trouble with accepting, which may come once per client: an owner hears of it once, and then, as
/// long as it lasts, at times that grow apart.
class accept_trouble {
public:
  /// There is some. True: the owner is to hear of it.
  bool is_news(net::instant now) {
    if (told_at_ && now < *told_at_ + silence_)
      return false;
    told_at_ = now;
    silence_ = next_silence_;
    next_silence_ = std::min(2 * next_silence_, longest);
    return true;
  }

  /// Accepting works: what comes later is news, unless the last was just now.
  void over() { silence_ = next_silence_ = shortest; }

private:
  static constexpr std::chrono::milliseconds shortest{100};
  static constexpr std::chrono::milliseconds longest{1600};

  std::optional<net::instant> told_at_;
  std::chrono::milliseconds silence_ = shortest; // from `told_at_` on
  std::chrono::milliseconds next_silence_ = shortest;
};

} // namespace actornet
