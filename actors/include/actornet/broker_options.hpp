// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/connection_limits.hpp>

#include <actornet/net/address_list.hpp>
#include <actornet/net/chunk.hpp>

#include <caf/actor.hpp>

namespace actornet {

/// What a connection broker enforces. Written with designators:
/// `{.limits = {.total = 1000, .per_address = 10}, .policy = over_limit::wait}`.
struct broker_options {
  connection_limits limits = {};
  /// `wait` holds back those for whom `total`, `per_listener` and `accepts_per_second` have no
  /// room. From where a client comes is known only once it is accepted: one above `per_address` or
  /// `per_prefix` is dropped, so that it does not keep the others waiting.
  over_limit policy = over_limit::drop;
  /// With `reply`: what a client is told for whom there is no room. It has 2 s to read it. A
  /// listener has at most 64 such clients at once, which count for no limit; more are dropped.
  net::chunk farewell = {};
  /// As those of a listener, for all of them. A client has to please both.
  net::address_list allow = {};
  net::address_list deny = {};
  /// The bits of an address that `per_prefix` goes by: at most 32, and 128.
  unsigned prefix_bits_ipv4 = 24;
  unsigned prefix_bits_ipv6 = 64;
  /// Gets the broker's own events: `limit_reached`, `limit_cleared`, `drain_progress`. The broker
  /// does not keep it alive, since an owner may keep its broker: somebody else has to. One that has
  /// ended hears nothing more, and the broker goes on without.
  caf::actor owner = nullptr;
};

} // namespace actornet
