// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "command.hpp"

#include <actornet/messages.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace console {

/// As `parse_command`, of lines for a UDP endpoint.
command parse_udp_command(std::string_view line);

/// One line for each command that `parse_udp_command` knows.
std::vector<std::string_view> udp_command_usages();

/// `HOST:PORT`; nothing if it is not of that form. `hex:41` is not: that is how bytes are written.
std::optional<actornet::destination> destination_of(std::string_view text);

/// `GROUP[@INTERFACE][,SOURCE]`; nothing if it is not of that form.
std::optional<actornet::join> membership_of(std::string_view text);

} // namespace console
