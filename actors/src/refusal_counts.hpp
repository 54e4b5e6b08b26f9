// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/messages.hpp>

#include <array>
#include <atomic>
#include <cstdint>

namespace actornet {

/// How many clients were refused for which reason. Any thread.
class refusal_counts {
public:
  void count(drop_reason why) noexcept {
    counts_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
  }
  refusals now() const noexcept {
    return {of(drop_reason::max_connections), of(drop_reason::max_per_address),
            of(drop_reason::max_per_prefix),  of(drop_reason::accept_rate),
            of(drop_reason::denied),          of(drop_reason::no_descriptors)};
  }

private:
  std::uint64_t of(drop_reason why) const noexcept {
    return counts_[static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
  }

  static constexpr std::size_t reasons = static_cast<std::size_t>(drop_reason::accept_rate) + 1;

  std::array<std::atomic<std::uint64_t>, reasons> counts_{};
};

} // namespace actornet
