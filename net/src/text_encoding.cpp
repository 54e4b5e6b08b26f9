// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/text_encoding.hpp>

#include "binary_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace actornet::net {

namespace {

/// The first name of each encoding is the one that it is told by.
constexpr std::array<std::pair<std::string_view, text_encoding>, 12> names{{
    {"utf8", text_encoding::utf8},
    {"utf-8", text_encoding::utf8},
    {"utf16le", text_encoding::utf16le},
    {"utf-16le", text_encoding::utf16le},
    {"ucs2", text_encoding::utf16le},
    {"ucs-2", text_encoding::utf16le},
    {"latin1", text_encoding::latin1},
    {"binary", text_encoding::latin1},
    {"ascii", text_encoding::ascii},
    {"hex", text_encoding::hex},
    {"base64", text_encoding::base64},
    {"base64url", text_encoding::base64url},
}};

/// In the C locale, whatever the program's is.
char in_lower_case(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same_name(std::string_view given, std::string_view name) noexcept {
  return std::equal(given.begin(), given.end(), name.begin(), name.end(),
                    [](char left, char right) { return in_lower_case(left) == right; });
}

/// The error names the encoding that refuses.
tl::unexpected<error> refuse(text_encoding encoding, const std::string& why) {
  return fail(error::invalid("the text cannot be written as " + std::string(to_string(encoding)) +
                             ": " + why));
}

tl::unexpected<error> refuse_broken(text_encoding encoding) {
  return refuse(encoding, "it is not UTF-8");
}

/// Calls `each(code_point)` until that says false; false, too, at what is not UTF-8.
template <class F> bool for_each_code_point(std::string_view utf8, F&& each) {
  while (!utf8.empty()) {
    const auto next = first_sequence(utf8);
    if (next.what != utf8_sequence::kind::character ||
        !each(code_point_of(utf8.substr(0, next.size))))
      return false;
    utf8.remove_prefix(next.size);
  }
  return true;
}

bool is_utf8(std::string_view text) {
  return for_each_code_point(text, [](char32_t) { return true; });
}

expected<chunk> as_utf8(std::string_view utf8) {
  if (!is_utf8(utf8))
    return refuse_broken(text_encoding::utf8);
  return chunk::copy_of(utf8);
}

void append_unit(std::string& bytes, char32_t unit) {
  bytes += {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
}

expected<chunk> as_utf16le(std::string_view utf8) {
  std::string bytes;
  bytes.reserve(utf8.size() * 2);
  const bool done = for_each_code_point(utf8, [&](char32_t code_point) {
    if (code_point < 0x10000) {
      append_unit(bytes, code_point);
    } else {
      append_unit(bytes, 0xD800 + ((code_point - 0x10000) >> 10));
      append_unit(bytes, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
    }
    return true;
  });
  if (!done)
    return refuse_broken(text_encoding::utf16le);
  return chunk::from(std::move(bytes));
}

expected<chunk> as_single_bytes(std::string_view utf8, text_encoding encoding) {
  const char32_t last = encoding == text_encoding::ascii ? 0x7F : 0xFF;
  std::string bytes;
  bytes.reserve(utf8.size());
  bool is_in_range = true;
  const bool done = for_each_code_point(utf8, [&](char32_t code_point) {
    is_in_range = code_point <= last;
    bytes += static_cast<char>(code_point);
    return is_in_range;
  });
  if (!is_in_range)
    return refuse(encoding, "one of its characters has no byte there");
  if (!done)
    return refuse_broken(encoding);
  return chunk::from(std::move(bytes));
}

expected<chunk> as_written_down(std::optional<chunk> bytes, text_encoding encoding,
                                const char* why_not) {
  if (!bytes)
    return refuse(encoding, why_not);
  return std::move(*bytes);
}

} // namespace

expected<text_encoding> text_encoding_named(std::string_view name) {
  std::string known;
  for (const auto& [each, encoding] : names) {
    if (is_same_name(name, each))
      return encoding;
    known += (known.empty() ? "" : ", ") + std::string(each);
  }
  return fail(error::invalid("'" + std::string(name) + "' is no encoding; there are " + known));
}

std::string_view to_string(text_encoding encoding) noexcept {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [encoding](const auto& each) { return each.second == encoding; });
  return found == names.end() ? "unknown" : found->first;
}

expected<chunk> encode(std::string_view utf8, text_encoding encoding) {
  switch (encoding) {
  case text_encoding::utf8:
    return as_utf8(utf8);
  case text_encoding::utf16le:
    return as_utf16le(utf8);
  case text_encoding::latin1:
  case text_encoding::ascii:
    return as_single_bytes(utf8, encoding);
  case text_encoding::hex:
    return as_written_down(from_hex(utf8), encoding, "it is not pairs of hexadecimal digits");
  case text_encoding::base64:
  case text_encoding::base64url:
    return as_written_down(from_base64(utf8), encoding, "it is not whole groups of base64");
  }
  return refuse(encoding, "there is no such encoding");
}

} // namespace actornet::net
