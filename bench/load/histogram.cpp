// SPDX-License-Identifier: BSD-3-Clause
#include "histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace load {

std::uint64_t histogram::quantile_ns(double fraction) const {
  const auto total = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  if (total == 0)
    return 0;
  const auto wanted = std::ceil(fraction * static_cast<double>(total));
  const auto rank = std::clamp(static_cast<std::uint64_t>(wanted), std::uint64_t{1}, total);
  std::uint64_t seen = 0;
  std::size_t index = 0;
  while ((seen += counts_[index]) < rank)
    ++index;
  return last_of(index);
}

// Below 64 each value has its own bucket; above, the seven leading bits name the bucket.
std::size_t histogram::index_of(std::uint64_t duration_ns) {
  if (duration_ns < parts)
    return static_cast<std::size_t>(duration_ns);
  const auto shift = static_cast<unsigned>(std::bit_width(duration_ns)) - part_bits - 1;
  return shift * parts + static_cast<std::size_t>(duration_ns >> shift);
}

std::uint64_t histogram::last_of(std::size_t index) {
  if (index < 2 * parts)
    return index;
  const auto shift = index / parts - 1;
  return ((index - shift * parts + 1) << shift) - 1;
}

} // namespace load
