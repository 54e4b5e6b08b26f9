// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace load {

/// The bytes that every connection sends: one pseudo-random sequence, repeated, that each
/// connection enters at a place of its own. A byte therefore depends on connection and offset,
/// sending needs no copy, and checking is one comparison of memory.
class pattern {
public:
  /// No more than this may be asked for in one piece.
  static constexpr std::size_t piece_bytes_max = 256 * 1024;

  pattern();

  /// Where the connection with this number begins. Different for each of the first 65521.
  static std::size_t start_of(std::size_t connection);

  /// The position `count` bytes after `position`.
  static std::size_t advanced(std::size_t position, std::size_t count);

  /// `piece_bytes_max` bytes that can be read in one piece from `position` on.
  const char* at(std::size_t position) const { return bytes_.data() + position; }
  /// What can be read from any position.
  std::span<const char> all() const { return bytes_; }

private:
  // A prime: no size of message ever falls in step with the repetition.
  static constexpr std::size_t period = 65521;

  std::vector<char> bytes_;
};

} // namespace load
