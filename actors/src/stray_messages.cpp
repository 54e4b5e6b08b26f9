// SPDX-License-Identifier: BSD-3-Clause
#include "stray_messages.hpp"

#include "log_sink.hpp"

#include <caf/local_actor.hpp>
#include <caf/type_erased_tuple.hpp>

#include <optional>
#include <string>

namespace actornet {

namespace {

// Enough to recognise a message by; some hold megabytes.
constexpr std::size_t shown_max = 200;

std::string shown(const caf::type_erased_tuple& what) {
  auto text = what.stringify();
  if (text.size() > shown_max)
    text.replace(shown_max, std::string::npos, "...");
  return text;
}

} // namespace

stray_messages::stray_messages(log_sink& log, coarse_clock clock) : log_(log), clock_(clock) {}

void stray_messages::report(const caf::local_actor& whose, const caf::type_erased_tuple& what) {
  std::optional<std::uint64_t> others;
  {
    std::lock_guard guard(mutex_);
    others = limit_.due(clock_.now());
  }
  if (!others)
    return;
  auto line = "a handler (actor " + std::to_string(whose.id()) +
              ") has no case for a message: " + shown(what);
  if (*others > 0)
    line += "; " + std::to_string(*others) + " others came since the last such line";
  log_.line(line);
}

} // namespace actornet
