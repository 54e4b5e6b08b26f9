// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Bytes written down in digits and letters. (These functions of libsodium do without
/// `sodium_init`: they need neither randomness nor what it finds out about the processor.)
namespace actornet::net {

enum class base64_form { padded, url };

std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes, base64_form form);

/// Nothing when the text is malformed.
std::optional<chunk> from_hex(std::string_view text);
/// Either alphabet, padded or not; blanks and ends of lines are skipped.
std::optional<chunk> from_base64(std::string_view text);

} // namespace actornet::net
