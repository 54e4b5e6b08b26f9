// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actornet::net {

/// A text between quotes for a sentence: cut where it is long, unprintable bytes as \xNN.
std::string quoted(std::string_view text);

/// Strictly decimal digits without a leading zero, at most `largest`. A refusal calls the number
/// `what`.
expected<std::uint64_t> parse_decimal(std::string_view text, std::string_view what,
                                      std::uint64_t largest);

expected<std::uint16_t> parse_port(std::string_view text);

/// The refusal of a text with blanks or control characters in it; nothing if there are none.
std::optional<error> blanks_in(std::string_view text);

struct host_and_port {
  std::string_view host; ///< with its brackets, if it has some; not empty
  std::uint16_t port = 0;
};

/// `HOST:PORT`. Looks at the host only as far as needed to find the colon.
expected<host_and_port> split_host_and_port(std::string_view text);

} // namespace actornet::net
