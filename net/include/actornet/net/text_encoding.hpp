// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>
#include <actornet/net/expected.hpp>

#include <cstdint>
#include <string_view>

namespace actornet::net {

/// How bytes stand for text; the names and what they mean are Node's.
///
/// The last three go the other way round: any bytes have such a text, which writes them down.
enum class text_encoding : std::uint8_t {
  utf8,
  utf16le,
  latin1,    ///< a byte is the code point of that number
  ascii,     ///< the same for 7 bits; the eighth is dropped where bytes become text
  hex,       ///< two digits a byte, in lower case
  base64,    ///< padded
  base64url, ///< with `-` and `_`, not padded
};

/// From a name, in upper or lower case: utf8, utf-8, utf16le, utf-16le, ucs2, ucs-2, latin1,
/// binary, ascii, hex, base64, base64url. An error that names them otherwise.
expected<text_encoding> text_encoding_named(std::string_view name);

/// "utf8", "utf16le", ...; "unknown" for a number that is none of them.
std::string_view to_string(text_encoding encoding) noexcept;

/// The bytes that stand for `utf8`, a text in UTF-8. Never a part of it: where there are no such
/// bytes, for all of the text, the error is EINVAL with a sentence. So `latin1` and `ascii` refuse
/// other characters, `hex` an odd number of digits, and each of them what is not UTF-8. `base64`
/// and `base64url` both take both alphabets, padded or not, and skip blanks and ends of lines.
expected<chunk> encode(std::string_view utf8, text_encoding encoding);

} // namespace actornet::net
