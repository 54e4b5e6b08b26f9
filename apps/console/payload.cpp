// SPDX-License-Identifier: BSD-3-Clause
#include "payload.hpp"

#include <algorithm>
#include <cstdint>
#include <sodium.h>
#include <string>
#include <utility>
#include <vector>

namespace console {

namespace {

using actornet::net::chunk;
using bytes = std::vector<std::uint8_t>;

std::optional<chunk> from_json_string(std::string_view text) {
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_string())
    return std::nullopt;
  return chunk::from(parsed.get<std::string>());
}

std::optional<chunk> from_hex(std::string_view text) {
  bytes decoded(text.size() / 2 + 1); // libsodium takes no null pointer, not even for nothing
  std::size_t size = 0;
  const char* rest = nullptr;
  if (sodium_hex2bin(decoded.data(), decoded.size(), text.data(), text.size(), nullptr, &size,
                     &rest) != 0 ||
      rest != text.data() + text.size())
    return std::nullopt;
  decoded.resize(size);
  return chunk::from(std::move(decoded));
}

bool is_ascii(char c) { return static_cast<std::uint8_t>(c) < 0x80; }

std::optional<chunk> from_base64(std::string_view text) {
  // libsodium 1.0.18 takes some of the others for digits.
  if (!std::all_of(text.begin(), text.end(), is_ascii))
    return std::nullopt;
  for (int variant : {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING}) {
    bytes decoded(text.size() + 1);
    std::size_t size = 0;
    const char* rest = nullptr;
    if (sodium_base642bin(decoded.data(), decoded.size(), text.data(), text.size(), nullptr, &size,
                          &rest, variant) == 0 &&
        rest == text.data() + text.size()) {
      decoded.resize(size);
      return chunk::from(std::move(decoded));
    }
  }
  return std::nullopt;
}

std::string to_base64(std::string_view data) {
  const int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string encoded(sodium_base64_encoded_len(data.size(), variant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(data.data()), data.size(), variant);
  encoded.pop_back(); // the terminator that libsodium writes
  return encoded;
}

constexpr bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }

/// The length of the character at the start of `text`, which is not empty; 0 if it is none. Table
/// 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (first < 0x80)
    return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length)
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[i]))
      return 0;
  const auto second = static_cast<std::uint8_t>(text[1]);
  const bool out_of_range = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                            (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return out_of_range ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

} // namespace

std::optional<chunk> bytes_of_text(std::string_view text) {
  constexpr std::string_view hex = "hex:";
  constexpr std::string_view base64 = "base64:";
  if (text.starts_with('"'))
    return from_json_string(text);
  if (text.starts_with(hex))
    return from_hex(text.substr(hex.size()));
  if (text.starts_with(base64))
    return from_base64(text.substr(base64.size()));
  return chunk::copy_of(text);
}

chunk generated_bytes(std::size_t count) {
  bytes generated(count);
  for (std::size_t i = 0; i < count; ++i)
    generated[i] = static_cast<std::uint8_t>(i % 251);
  return chunk::from(std::move(generated));
}

void describe(const chunk& whole, std::size_t shown_max, json& fields) {
  const std::string_view all = whole.view();
  if (is_utf8(all))
    return describe_text(all, shown_max, fields);
  const auto shown = all.substr(0, shown_max);
  fields["size"] = all.size();
  fields["base64"] = to_base64(shown);
  if (shown.size() < all.size())
    fields["truncated"] = true;
}

void describe_text(std::string_view text, std::size_t shown_max, json& fields) {
  auto shown = text.substr(0, shown_max);
  while (shown.size() < text.size() && is_continuation(text[shown.size()]))
    shown.remove_suffix(1);
  fields["size"] = text.size();
  fields["text"] = shown;
  if (shown.size() < text.size())
    fields["truncated"] = true;
}

} // namespace console
