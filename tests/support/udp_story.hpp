// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/world.hpp"

#include <chrono>
#include <string>

namespace actornet::test {

/// The smallest story of datagrams: an endpoint, a probe for its events, and a peer elsewhere.
struct udp_story {
  explicit udp_story(udp_options chosen = {.address = "udp4://0.0.0.0:5000"},
                     testkit::world::options how = {})
      : w(how) {
    const bool is_bound = chosen.address != "udp4:" && chosen.address != "udp6:";
    at = *w.net().open_udp(std::move(chosen), handler.actor());
    if (is_bound)
      local = handler.expects<udp_listening>().local;
  }

  /// Another host, on which somebody has bound this address.
  net::simulated_datagram_peer peer_at(const net::endpoint& where) {
    return *w.network().peer_opens({.family = where.family(), .bind_to = where});
  }

  /// Where `peer` and `at` reach each other.
  static net::endpoint here(std::uint16_t port) { return net::endpoint::loopback_ipv4(port); }

  /// Lets arrive what is under way.
  void settle() { w.pass(std::chrono::milliseconds(10)); }

  udp_info info() { return handler.asks(at, get_info{}).value<udp_info>(); }

  world w;
  testkit::probe handler{w};
  udp_endpoint at;
  net::endpoint local;
};

} // namespace actornet::test
