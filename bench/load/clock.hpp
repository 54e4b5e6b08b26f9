// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <ctime>

namespace load {

inline constexpr std::uint64_t ns_per_second = 1'000'000'000;

inline std::uint64_t to_ns(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * ns_per_second +
         static_cast<std::uint64_t>(time.tv_nsec);
}

inline double to_seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

/// Throws std::system_error for a clock that does not exist (any more).
std::uint64_t read_clock_ns(clockid_t clock);

inline std::uint64_t now_ns() { return read_clock_ns(CLOCK_MONOTONIC); }

} // namespace load
