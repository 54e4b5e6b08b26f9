// SPDX-License-Identifier: BSD-3-Clause
#include "pattern.hpp"

#include <random>

namespace load {

pattern::pattern() : bytes_(period + piece_bytes_max) {
  std::mt19937 random; // always seeded alike, so that two runs send the same bytes
  for (std::size_t i = 0; i < bytes_.size(); ++i)
    bytes_[i] = i < period ? static_cast<char>(random() & 0xff) : bytes_[i - period];
}

std::size_t pattern::start_of(std::size_t connection) { return connection * 39119 % period; }

std::size_t pattern::advanced(std::size_t position, std::size_t count) {
  return (position + count) % period;
}

} // namespace load
