// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "printer.hpp"

#include <actornet/broker_options.hpp>
#include <actornet/options.hpp>
#include <actornet/udp_options.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace console {

/// What a connection's handler does beside printing events.
enum class reaction : std::uint8_t { none, echo, discard, chat, file, forward };

/// What the command line asks for.
struct arguments {
  /// Which of them it is, is the command.
  std::variant<actornet::listen_options, actornet::connect_options, actornet::udp_options> start;
  /// For a listener: the lists, which input lines change, and all limits but its own.
  std::optional<actornet::broker_options> broker;
  reaction handler = reaction::none;
  /// The path of `file`, the address of `forward`.
  std::string handler_target;
  /// Asked for on the command line; where bytes are piped connections begin so in any case.
  bool is_paused_by_user = false;
  event_form events = event_form::text;
  std::size_t bytes_shown_max = 256;
  std::string backend = "auto";
  /// None: one per core.
  std::optional<std::size_t> loops;
  /// None: until there is nothing to do.
  std::optional<double> seconds;

  bool is_listen() const { return std::holds_alternative<actornet::listen_options>(start); }
  bool is_udp() const { return std::holds_alternative<actornet::udp_options>(start); }
  const std::string& address() const {
    return std::visit([](const auto& options) -> const std::string& { return options.address; },
                      start);
  }
};

/// The arguments, or the status to exit with when all is said: 0 after `--help` and `--version`, 2
/// after wrong usage, for which a line on standard error says what would be right.
std::variant<arguments, int> parse_arguments(int argc, const char* const* argv);

/// Wrong usage: the line and the status.
int refuse_usage(const std::string& sentence);

} // namespace console
