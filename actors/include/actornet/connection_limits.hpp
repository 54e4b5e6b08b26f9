// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace actornet {

/// How many connections there may be, and how fast they may come. Of each number: -1 is no limit,
/// and 0 lets nobody in. A value; travels in messages.
struct connection_limits {
  /// Of all listeners that the broker guards, together.
  std::int64_t total = -1;
  /// Of each listener. One that has its own `max_connections` keeps to the smaller of the two.
  std::int64_t per_listener = -1;
  /// From one IP address. An IPv4 address and the same mapped into IPv6 are one; who comes through
  /// a unix socket has none.
  std::int64_t per_address = -1;
  /// From one network: as many leading bits of the address as the broker's options say.
  std::int64_t per_prefix = -1;
  std::int64_t accepts_per_second = -1;
  /// How many may come at once after a quiet while; 0: a twentieth of a second's, at least 1.
  std::int64_t accepts_burst = 0;

  friend bool operator==(const connection_limits&, const connection_limits&) = default;
};

/// What becomes of a client for whom there is no room.
enum class over_limit : std::uint8_t {
  drop,  ///< accepted and closed at once
  reset, ///< accepted and reset: the client knows at once that it is no end of data
  reply, ///< accepted, told the farewell, then closed
  wait,  ///< not accepted: it waits in the kernel's backlog until there is room
};

} // namespace actornet
