// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/connection_limits.hpp>
#include <actornet/handles.hpp>

#include <actornet/net/address_list.hpp>
#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>

#include <cstdint>
#include <vector>

/// The messages of connection brokers, as <actornet/messages.hpp> has those of endpoints.
namespace actornet {

// -- commands to a broker -------------------------------------------------------------------------

/// Other limits, at once and for all listeners. Lowering one never closes a connection; raising one
/// lets in who waits.
struct set_limits {
  connection_limits limits;
};

/// What becomes of clients for whom there is no room, from now on.
struct set_over_limit {
  over_limit policy = over_limit::drop;
  net::chunk farewell;
};

/// Other lists, both, from the next client on. Connections that there are stay.
struct set_access {
  net::address_list allow;
  net::address_list deny;
};

/// How many connections there are from an address, and from its network.
struct get_use {
  net::endpoint remote;
};

// -- answers --------------------------------------------------------------------------------------

struct address_use {
  std::uint64_t from_address = 0;
  std::uint64_t from_prefix = 0;
};

/// How many clients were refused for which reason.
struct refusals {
  std::uint64_t max_connections = 0;
  std::uint64_t max_per_address = 0;
  std::uint64_t max_per_prefix = 0;
  std::uint64_t accept_rate = 0;
  std::uint64_t denied = 0;
  std::uint64_t no_descriptors = 0;

  std::uint64_t sum() const noexcept {
    return max_connections + max_per_address + max_per_prefix + accept_rate + denied +
           no_descriptors;
  }
};

/// A listener as its broker sees it.
struct listener_use {
  /// Null if it is gone, and has left connections.
  listener from;
  std::uint64_t connections = 0;
  std::uint64_t accepted = 0;
  refusals refused;
};

struct broker_info {
  connection_limits limits;
  over_limit policy = over_limit::drop;
  std::uint64_t connections = 0;
  /// Of all listeners there ever were.
  std::uint64_t accepted = 0;
  refusals refused;
  /// How many different IP addresses the connections come from.
  std::uint64_t addresses = 0;
  std::vector<listener_use> listeners;
};

// -- events of a broker, to its owner -------------------------------------------------------------

enum class limit_scope : std::uint8_t { total, listener, address, prefix, accept_rate };

/// A limit is reached: of `total` and `listener`, and of `accept_rate` where clients wait, there is
/// no room for another connection; of the others, a client was refused. Once until it is cleared,
/// however many clients come.
struct limit_reached {
  connection_broker from;
  limit_scope scope = limit_scope::total;
  /// With `listener`: which; else null.
  listener where;
  /// With `address` and `prefix`: the first client; else family `none`.
  net::endpoint who;
};

/// There is room again: a tenth of the limit, at least 1; of `address`, `prefix` and `accept_rate`,
/// nobody was refused for a second. Looked at every 100 ms.
struct limit_cleared {
  connection_broker from;
  limit_scope scope = limit_scope::total;
  listener where;
};

} // namespace actornet
