// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace actornet::net::simulation {

/// The virtual clock and what is to happen when; equal times in the order in which they were asked
/// for.
class schedule {
public:
  using action = std::function<void()>;

  instant now() const noexcept { return now_; }
  void at(instant when, action what);
  std::optional<instant> next() const;
  /// Everything until then, in order, the clock showing each one's time; what is added meanwhile
  /// too.
  void advance_to(instant when);

private:
  struct entry {
    instant when;
    std::uint64_t number;
    action what;
  };
  static bool later(const entry& left, const entry& right) noexcept;

  instant now_{};
  std::uint64_t count_ = 0;
  std::vector<entry> heap_;
};

} // namespace actornet::net::simulation
