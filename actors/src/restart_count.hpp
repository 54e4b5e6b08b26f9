// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/options.hpp>

#include <actornet/net/instant.hpp>

#include <cstdint>
#include <deque>

namespace actornet {

/// How often a listener was restarted lately, and whether it may be once more.
class restart_count {
public:
  explicit restart_count(const restart_policy& chosen) noexcept : chosen_(chosen) {}

  /// True: it may, and is counted.
  bool may_restart(net::instant now) {
    while (!times_.empty() && times_.front() + chosen_.within <= now)
      times_.pop_front();
    if (times_.size() >= chosen_.restarts_max)
      return false;
    times_.push_back(now);
    return true;
  }

  std::uint64_t count() const noexcept { return times_.size(); }

private:
  const restart_policy chosen_;
  std::deque<net::instant> times_; // no older than the policy's time
};

} // namespace actornet
