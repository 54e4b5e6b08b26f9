// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "payload.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace console {

enum class event_form : std::uint8_t { text, json, none };

/// Standard output: one line for each event and each answer, written at once and whole. One thread.
class printer {
public:
  using clock = std::chrono::steady_clock;

  /// `started`: what `t` counts from.
  printer(event_form form, clock::time_point started) : form_(form), started_(started) {}

  /// Nobody will see it: there is no need to build what would be printed.
  bool is_silent() const noexcept { return form_ == event_form::none; }

  /// Fields begin with `event` or `reply`; `t` is put before them.
  void print(const json& fields) const;

private:
  event_form form_;
  clock::time_point started_;
};

/// One line on standard error.
void complain(std::string_view sentence);

} // namespace console
