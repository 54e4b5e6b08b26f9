// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/messages.hpp>

#include <actornet/net/instant.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace actornet {

/// What an owner hears of refused clients, of whom there may be any number: each, up to so many
/// within a second; those beyond together, at its end. None is left out.
class refusal_reports {
public:
  /// `most` of 0: each.
  explicit refusal_reports(std::size_t most) noexcept : most_(most) {}

  /// A client was refused. True: tell it at once. Else it is part of what `take_rest` will return.
  bool note(const dropped& what, net::instant now) {
    if (now >= ends_) {
      ends_ = now + second;
      told_ = 0;
    }
    if (most_ == 0 || told_ < most_) {
      ++told_;
      return true;
    }
    auto& place = rest_[static_cast<std::size_t>(what.reason)];
    auto count = place ? place->count : 0;
    place = what;
    place->count += count;
    return false;
  }

  /// There is something, to be taken then.
  std::optional<net::instant> due() const noexcept {
    for (const auto& each : rest_)
      if (each)
        return ends_;
    return std::nullopt;
  }

  std::vector<dropped> take_rest() {
    std::vector<dropped> result;
    for (auto& each : rest_)
      if (auto taken = std::exchange(each, std::nullopt))
        result.push_back(std::move(*taken));
    return result;
  }

private:
  static constexpr std::chrono::seconds second{1};
  static constexpr std::size_t reasons = static_cast<std::size_t>(drop_reason::accept_rate) + 1;

  const std::size_t most_;
  std::size_t told_ = 0; // within this second
  net::instant ends_{};  // this second
  std::array<std::optional<dropped>, reasons> rest_;
};

} // namespace actornet
