// SPDX-License-Identifier: BSD-3-Clause
#include "binary_text.hpp"

#include <algorithm>
#include <cstdint>
#include <sodium.h>
#include <span>
#include <utility>
#include <vector>

namespace actornet::net {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// libsodium 1.0.18 skips NUL with the list of what is to be skipped, and takes some characters
/// beyond ASCII for digits.
bool may_be_base64(char c) noexcept {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte > 0 && byte < 0x80;
}

/// Decodes with one of libsodium's functions, which takes no null pointer, not even for nothing,
/// and tells where it stopped.
template <class Decode> std::optional<chunk> decoded(std::string_view text, Decode decode) {
  std::vector<std::uint8_t> bytes(text.size() + 1);
  std::size_t size = 0;
  const char* stopped = nullptr;
  if (decode(bytes, size, stopped) != 0 || stopped != text.data() + text.size())
    return std::nullopt;
  return chunk::copy_of(std::as_bytes(std::span(bytes.data(), size)));
}

} // namespace

std::string to_hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0'); // libsodium writes a terminator
  sodium_bin2hex(text.data(), text.size(), bytes_of(bytes), bytes.size());
  text.pop_back();
  return text;
}

std::string to_base64(std::string_view bytes, base64_form form) {
  const int variant = form == base64_form::padded ? sodium_base64_VARIANT_ORIGINAL
                                                  : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), variant);
  text.pop_back();
  return text;
}

std::optional<chunk> from_hex(std::string_view text) {
  return decoded(text, [text](auto& into, std::size_t& size, const char*& stopped) {
    return sodium_hex2bin(into.data(), into.size(), text.data(), text.size(), nullptr, &size,
                          &stopped);
  });
}

std::optional<chunk> from_base64(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), may_be_base64))
    return std::nullopt;
  std::string one_alphabet(text);
  std::replace(one_alphabet.begin(), one_alphabet.end(), '-', '+');
  std::replace(one_alphabet.begin(), one_alphabet.end(), '_', '/');
  const bool is_padded = text.find('=') != text.npos;
  const int variant =
      is_padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  return decoded(one_alphabet, [&](auto& into, std::size_t& size, const char*& stopped) {
    return sodium_base642bin(into.data(), into.size(), one_alphabet.data(), one_alphabet.size(),
                             " \t\r\n", &size, &stopped, variant);
  });
}

} // namespace actornet::net
