// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "send_asker.hpp"

#include <actornet/error.hpp>
#include <actornet/messages.hpp>

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <optional>
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
  send_asker asker = {};
  /// The session that sends it; null: the endpoint.
  caf::strong_actor_ptr whose = nullptr;
  /// While it waits for a host's address.
  std::uint16_t port = 0;
  /// Where it leaves from; none: the system's choice.
  net::endpoint from = {};
};

/// What a command is to send; `fault`: why it makes no sense.
struct packed {
  parcel what;
  std::optional<error> fault = std::nullopt;
};
packed pack(send&& given);
packed pack(const send_text& given);
packed pack(send_pieces&& given);

} // namespace actornet
