// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "endpoint_actor.hpp"

#include <actornet/error.hpp>
#include <actornet/messages.hpp>

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace actornet {

/// Neither an address nor a name.
inline bool is_nobody(const destination& to) noexcept {
  return to.address.family() == net::address_family::none && to.host.empty() && to.port == 0;
}

/// A datagram on its way to a socket, and who wants to know of it.
struct parcel {
  chunk bytes = {};
  /// Instead of `bytes`, if there are any.
  std::vector<chunk> pieces = {};
  std::uint64_t size = 0;
  responder asker = {};
  /// The session that sends it; null: the endpoint.
  caf::strong_actor_ptr whose = nullptr;
  /// While it waits for a host's address.
  std::uint16_t port = 0;
};

/// What a command is to send; `fault`: why it makes no sense.
struct packed {
  parcel what;
  std::optional<error> fault = std::nullopt;
};
packed pack(send&& given);
packed pack(const send_text& given);
packed pack(send_pieces&& given);

/// If the command is a send of any form, calls `then(packed, destination)`, with who asked in the
/// parcel. False: it is another command.
template <class F> bool take_parcel(command& what, F&& then) {
  const auto give = [&](auto given, responder asker) {
    auto to = std::move(given.to);
    auto made = pack(std::move(given));
    made.what.asker = std::move(asker);
    then(std::move(made), to);
    return true;
  };
  if (what.is<send>()) {
    auto asker = what.asker();
    return give(what.take<send>(), std::move(asker));
  }
  if (what.is<send_text>()) {
    auto asker = what.asker();
    return give(what.take<send_text>(), std::move(asker));
  }
  if (what.is<send_pieces>()) {
    auto asker = what.asker();
    return give(what.take<send_pieces>(), std::move(asker));
  }
  return false;
}

} // namespace actornet
