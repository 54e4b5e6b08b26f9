// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/text_decoder.hpp>

#include "binary_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace actornet::net {

namespace {

/// Of the bytes at the front of `rest`, which are taken away, the text. What is left is incomplete.
std::string take_utf8(std::string_view& rest) {
  std::string text;
  text.reserve(rest.size());
  std::size_t whole = 0; // what is UTF-8 is copied in one piece
  while (whole < rest.size()) {
    const auto next = first_sequence(rest.substr(whole));
    if (next.what == utf8_sequence::kind::cut_off)
      break;
    if (next.what == utf8_sequence::kind::character) {
      whole += next.size;
      continue;
    }
    text += rest.substr(0, whole);
    append_utf8(text, replacement_character);
    rest.remove_prefix(std::exchange(whole, 0) + next.size);
  }
  text += rest.substr(0, whole);
  rest.remove_prefix(whole);
  return text;
}

constexpr bool is_high_surrogate(char32_t unit) noexcept { return unit >> 10 == 0xD800 >> 10; }
constexpr bool is_low_surrogate(char32_t unit) noexcept { return unit >> 10 == 0xDC00 >> 10; }

char32_t unit_at(std::string_view bytes, std::size_t place) noexcept {
  return static_cast<std::uint8_t>(bytes[place]) |
         static_cast<char32_t>(static_cast<std::uint8_t>(bytes[place + 1])) << 8;
}

std::string take_utf16le(std::string_view& rest) {
  std::string text;
  text.reserve(rest.size());
  while (rest.size() >= 2) {
    const auto first = unit_at(rest, 0);
    if (is_high_surrogate(first) && rest.size() < 4)
      break;
    const auto second = is_high_surrogate(first) ? unit_at(rest, 2) : 0;
    const bool is_pair = is_low_surrogate(second);
    if (is_pair)
      append_utf8(text, 0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF));
    else if (is_high_surrogate(first) || is_low_surrogate(first))
      append_utf8(text, replacement_character);
    else
      append_utf8(text, first);
    rest.remove_prefix(is_pair ? 4 : 2);
  }
  return text;
}

/// One character a byte, of those bits that `mask` lets through.
std::string take_single_bytes(std::string_view& rest, std::uint8_t mask) {
  std::string text;
  text.reserve(rest.size());
  for (const char each : std::exchange(rest, {}))
    append_utf8(text, static_cast<std::uint8_t>(each) & mask);
  return text;
}

std::string take_groups(std::string_view& rest, base64_form form) {
  const auto whole = rest.size() - rest.size() % 3;
  auto text = to_base64(rest.substr(0, whole), form);
  rest.remove_prefix(whole);
  return text;
}

std::string take_text(std::string_view& rest, text_encoding encoding) {
  switch (encoding) {
  case text_encoding::utf8:
    break;
  case text_encoding::utf16le:
    return take_utf16le(rest);
  case text_encoding::latin1:
    return take_single_bytes(rest, 0xFF);
  case text_encoding::ascii:
    return take_single_bytes(rest, 0x7F);
  case text_encoding::hex:
    return to_hex(std::exchange(rest, {}));
  case text_encoding::base64:
    return take_groups(rest, base64_form::padded);
  case text_encoding::base64url:
    return take_groups(rest, base64_form::url);
  }
  return take_utf8(rest);
}

std::string replacement() {
  std::string text;
  append_utf8(text, replacement_character);
  return text;
}

} // namespace

std::string text_decoder::decode(std::string_view bytes) {
  std::string joined;
  if (kept_size_ > 0) {
    joined.reserve(kept_size_ + bytes.size());
    joined.append(kept_.data(), kept_size_).append(bytes);
    bytes = joined;
  }
  auto text = take_text(bytes, encoding_);
  keep(bytes);
  return text;
}

void text_decoder::keep(std::string_view rest) noexcept {
  assert(rest.size() <= kept_.size());
  std::copy(rest.begin(), rest.end(), kept_.begin());
  kept_size_ = static_cast<std::uint8_t>(rest.size());
}

std::string text_decoder::flush() {
  const std::string_view rest(kept_.data(), std::exchange(kept_size_, std::uint8_t{0}));
  if (rest.empty())
    return {};
  if (encoding_ == text_encoding::base64)
    return to_base64(rest, base64_form::padded);
  if (encoding_ == text_encoding::base64url)
    return to_base64(rest, base64_form::url);
  const bool is_half_a_unit = encoding_ == text_encoding::utf16le && rest.size() == 1;
  return is_half_a_unit ? std::string() : replacement();
}

} // namespace actornet::net
