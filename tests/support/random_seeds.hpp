// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "catch.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>

namespace actornet::test {

/// How many seeds a test of random programs runs: usually, and with ACTORNET_SOAK=1.
struct seed_counts {
  std::uint64_t usual;
  std::uint64_t soak;
};

/// Runs a program for each seed from 1 on; or, as the environment chooses, for ACTORNET_SEED alone,
/// or for ACTORNET_FUZZ_SECONDS from a seed on that no run had before. A failure prints its seed.
inline void for_random_seeds(const seed_counts& how_many,
                             const std::function<void(std::uint64_t)>& run) {
  const auto run_one = [&](std::uint64_t seed) {
    CAPTURE(seed);
    run(seed);
  };
  if (const char* chosen = std::getenv("ACTORNET_SEED"))
    return run_one(std::strtoull(chosen, nullptr, 10));
  if (const char* seconds = std::getenv("ACTORNET_FUZZ_SECONDS")) {
    const auto first = std::uint64_t{std::random_device{}()} << 20;
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(std::strtol(seconds, nullptr, 10));
    auto seed = first;
    for (; std::chrono::steady_clock::now() < deadline; ++seed)
      run_one(seed);
    WARN("the seeds " << first << " to " << seed - 1 << " were run");
    return;
  }
  const char* soak = std::getenv("ACTORNET_SOAK");
  const bool is_soak = soak != nullptr && std::string(soak) == "1";
  for (std::uint64_t seed = 1; seed <= (is_soak ? how_many.soak : how_many.usual); ++seed)
    run_one(seed);
}

} // namespace actornet::test
