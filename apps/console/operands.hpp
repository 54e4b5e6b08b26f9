// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "command.hpp"
#include "limits.hpp"
#include "payload.hpp"

#include <actornet/net/chunk.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace console {

/// What follows the command's name. Words are separated by blanks, of which exactly one belongs to
/// the word before it when a text follows.
class operands {
public:
  explicit operands(std::string_view rest) : rest_(rest) {}

  std::string_view word() {
    skip_blanks();
    const auto found = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(found.size());
    return found;
  }

  /// Nothing but blanks is left.
  bool done() {
    skip_blanks();
    return rest_.empty();
  }

  /// All that is left as TEXT; nothing if there is none, or it is malformed.
  std::optional<actornet::net::chunk> text() {
    if (rest_.empty())
      return std::nullopt;
    return bytes_of_text(rest_.substr(1));
  }
  bool has_text() const { return !rest_.empty(); }

  /// A whole number from 0 to `most`.
  std::optional<std::int64_t> number(std::int64_t most) {
    const auto digits = word();
    std::int64_t value = 0;
    const auto [end, trouble] = std::from_chars(digits.begin(), digits.end(), value);
    if (digits.empty() || digits[0] == '-' || end != digits.end())
      return std::nullopt;
    if (trouble != std::errc() || value > most) {
      exceeded_ = most;
      return std::nullopt;
    }
    return value;
  }

  /// What is to be said of a number that was too large; empty if none was.
  std::string about_limit() const {
    return exceeded_ ? " (a number from 0 to " + std::to_string(*exceeded_) + ")" : "";
  }

  std::optional<bool> on_or_off() {
    const auto found = word();
    if (found != "on" && found != "off")
      return std::nullopt;
    return found == "on";
  }

private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  std::string_view rest_;
  std::optional<std::int64_t> exceeded_;
};

/// One command of a grammar.
struct command_syntax {
  std::string_view name;
  std::string_view usage;
  std::optional<action> (*parse)(operands&);
  bool needs_listener = false;
};

// -- commands to the console itself ---------------------------------------------------------------

template <class Action> std::optional<action> program_action(operands& rest) {
  return rest.done() ? std::optional<action>(Action{}) : std::nullopt;
}

inline std::optional<action> sleep_action(operands& rest) {
  const auto duration_ms = rest.number(duration_ms_max);
  return duration_ms && rest.done() ? std::optional<action>(hold_lines{*duration_ms})
                                    : std::nullopt;
}

/// Reads `#TAG` and the command's name; `understand` gets what is left.
command parse_tagged(std::string_view line,
                     const std::function<void(command&, std::string_view)>& understand);

} // namespace console
