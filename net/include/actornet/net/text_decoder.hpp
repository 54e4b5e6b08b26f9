// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/text_encoding.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actornet::net {

/// Makes text of bytes that come in pieces. However they are cut, the texts put together are the
/// same: what ends a piece in the middle of a character (or of the three bytes that base64 writes
/// down together) is kept for the next one.
///
/// All text is UTF-8. No bytes are refused. In place of what is not UTF-8 there is U+FFFD, one for
/// each longest beginning of a character that does not go on, as browsers and Node do it; in UTF-16
/// for each surrogate without its other half.
class text_decoder {
public:
  explicit text_decoder(text_encoding from) noexcept : encoding_(from) {}

  text_encoding encoding() const noexcept { return encoding_; }

  /// The text of `bytes` and what was kept before them, as far as it is complete; may be empty.
  std::string decode(std::string_view bytes);

  /// No more bytes come: the text of what is kept, after which nothing is. U+FFFD for a character
  /// that was cut off, the last group of base64; of UTF-16 an odd byte is dropped, as in Node.
  std::string flush();

private:
  void keep(std::string_view rest) noexcept;

  text_encoding encoding_;
  std::uint8_t kept_size_ = 0;
  std::array<char, 3> kept_{};
};

} // namespace actornet::net
