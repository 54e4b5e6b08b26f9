// SPDX-License-Identifier: BSD-3-Clause
#include "utf8.hpp"

#include <algorithm>

namespace actornet::net {

namespace {

constexpr std::uint8_t byte_of(char c) noexcept { return static_cast<std::uint8_t>(c); }

constexpr char char_of(char32_t byte) noexcept { return static_cast<char>(byte); }

/// 0: nothing begins with it.
std::size_t length_after(std::uint8_t first) noexcept {
  if (first < 0x80)
    return 1;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/// The byte at `place` behind `first`; only the second one depends on the first.
bool may_follow(std::uint8_t first, std::size_t place, std::uint8_t byte) noexcept {
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (place == 1 && first == 0xE0)
    low = 0xA0;
  else if (place == 1 && first == 0xED)
    high = 0x9F;
  else if (place == 1 && first == 0xF0)
    low = 0x90;
  else if (place == 1 && first == 0xF4)
    high = 0x8F;
  return byte >= low && byte <= high;
}

} // namespace

utf8_sequence first_sequence(std::string_view text) noexcept {
  using kind = utf8_sequence::kind;
  const auto first = byte_of(text[0]);
  const auto length = length_after(first);
  if (length == 0)
    return {kind::broken, 1};
  const auto there = std::min(length, text.size());
  for (std::size_t place = 1; place < there; ++place)
    if (!may_follow(first, place, byte_of(text[place])))
      return {kind::broken, place};
  return {there == length ? kind::character : kind::cut_off, there};
}

char32_t code_point_of(std::string_view character) noexcept {
  const auto first = byte_of(character[0]);
  if (character.size() == 1)
    return first;
  char32_t result = first & (0x7Fu >> character.size());
  for (const char next : character.substr(1))
    result = result << 6 | (byte_of(next) & 0x3Fu);
  return result;
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto following = [code_point](int shift) {
    return char_of(0x80 | (code_point >> shift & 0x3F));
  };
  if (code_point < 0x80)
    text += char_of(code_point);
  else if (code_point < 0x800)
    text += {char_of(0xC0 | code_point >> 6), following(0)};
  else if (code_point < 0x10000)
    text += {char_of(0xE0 | code_point >> 12), following(6), following(0)};
  else
    text += {char_of(0xF0 | code_point >> 18), following(12), following(6), following(0)};
}

} // namespace actornet::net
