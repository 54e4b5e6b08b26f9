// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actornet::net {

/// What stands at the beginning of a text.
struct utf8_sequence {
  enum class kind : std::uint8_t {
    character,
    broken,  ///< the longest beginning of a character that does not go on, or one byte that begins
             ///< none
    cut_off, ///< the beginning of a character, up to the end of the text
  };
  kind what;
  std::size_t size;
};

/// Of a text that is not empty. Table 3-7 of the Unicode standard, and its "maximal subparts":
/// no overlong forms, no surrogates, nothing above U+10FFFF.
utf8_sequence first_sequence(std::string_view text) noexcept;

/// The code point of a whole character, such as `first_sequence` found.
char32_t code_point_of(std::string_view character) noexcept;

void append_utf8(std::string& text, char32_t code_point);

inline constexpr char32_t replacement_character = 0xFFFD;

} // namespace actornet::net
