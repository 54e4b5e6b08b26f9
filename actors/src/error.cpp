// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/error.hpp>

#include <actornet/inspect.hpp>

#include <caf/atom.hpp>
#include <caf/make_message.hpp>

namespace actornet {

namespace {

constexpr auto our_category = caf::atom("actornet");

} // namespace

caf::error to_caf(const error& why) {
  // CAF keeps 8 bits of code; every errno of Linux fits, and the whole is within anyhow.
  return {static_cast<std::uint8_t>(why.number), our_category, caf::make_message(why)};
}

std::optional<error> error_of(const caf::error& why) {
  if (!why || why.category() != our_category || !why.context().match_elements<error>())
    return std::nullopt;
  return why.context().get_as<error>(0);
}

} // namespace actornet
