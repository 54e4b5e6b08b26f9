// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actornet::test {

/// Bytes that follow from their place, in pieces, however many there are.
class generated {
public:
  explicit generated(std::uint64_t seed = 7) : state_(seed) {}

  std::string next(std::size_t count) {
    std::string result(count, '\0');
    for (auto& each : result) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      each = static_cast<char>(state_ >> 56);
    }
    return result;
  }

  /// Goes on behind `bytes`; false if they are others.
  bool is_next(std::string_view bytes) { return next(bytes.size()) == bytes; }

private:
  std::uint64_t state_;
};

} // namespace actornet::test
