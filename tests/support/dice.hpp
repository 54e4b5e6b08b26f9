// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace actornet::test {

/// What chance decides in a random program: same seed, same program.
class dice {
public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t upto(std::uint64_t most) { return engine_() % (most + 1); }
  bool chance(std::uint64_t percent) { return upto(99) < percent; }
  template <class T> T one_of(std::vector<T> choices) { return choices[upto(choices.size() - 1)]; }

private:
  std::mt19937_64 engine_;
};

} // namespace actornet::test
