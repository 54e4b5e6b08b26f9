// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers beyond these are refused where they are given.
namespace console {

/// About three years: in nanoseconds it can still be added to a time.
inline constexpr std::int64_t duration_ms_max = 100'000'000'000;
inline constexpr double seconds_max = 1e8;
inline constexpr std::int64_t connections_max = 1'000'000'000;
inline constexpr int loops_max = 1024;
/// Of one write, of a high-water mark, of what an event shows.
inline constexpr std::int64_t bytes_max = std::int64_t{1} << 30;
/// Several writes of the greatest size wait for a slow peer before one is refused.
inline constexpr std::size_t write_queue_bytes_max = std::size_t{4} << 30;

} // namespace console
