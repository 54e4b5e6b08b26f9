// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cassert>
#include <cstdint>

namespace actornet::net::simulation {

/// SplitMix64 (Steele, Lea, Flood 2014). Not <random>: its distributions differ between standard
/// libraries, and a seed is to mean the same run everywhere.
class random {
public:
  explicit random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  /// Both ends included. The slight bias of the remainder does no harm here.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept {
    assert(least <= most);
    auto span = most - least + 1;
    return span == 0 ? next() : least + next() % span;
  }

  bool chance(double probability) noexcept {
    return static_cast<double>(next() >> 11) < probability * 9007199254740992.0; // 2^53
  }

private:
  std::uint64_t state_;
};

} // namespace actornet::net::simulation
