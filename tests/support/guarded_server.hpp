// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/world.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace actornet::test {

/// A broker and a listener behind it, on any address of the simulated network, with probes for the
/// events of each and for those of connections.
struct guarded_server {
  explicit guarded_server(broker_options chosen, listen_options how = {},
                          testkit::world::options of_world = {})
      : w(of_world) {
    chosen.owner = broker_owner.actor();
    broker = *w.net().make_broker(std::move(chosen));
    server = listens(80, std::move(how));
  }

  listener listens(std::uint16_t port, listen_options how = {}) {
    how.address = "tcp://*:" + std::to_string(port);
    how.broker = broker;
    how.owner = owner.actor();
    auto made = *w.net().listen(std::move(how), handler.actor());
    owner.expects<listening>();
    return made;
  }

  /// A client from that address; IPv4 or IPv6.
  net::simulated_peer client(const char* from = "10.0.0.1", std::uint16_t port = 80) {
    auto here = *net::endpoint::parse_ip(from, 0);
    const bool is_ipv4 = here.family() == net::address_family::ipv4;
    return w.network().peer_connects(is_ipv4 ? net::endpoint::ipv4({192, 0, 2, 1}, port)
                                             : net::endpoint::loopback_ipv6(port),
                                     here);
  }

  /// A client that is served.
  struct served {
    net::simulated_peer peer;
    connection handle;
  };
  served served_client(const char* from = "10.0.0.1", std::uint16_t port = 80) {
    auto made = client(from, port);
    auto handle = owner.expects<accepted>().peer;
    handler.expects<connected>();
    return {made, handle};
  }

  /// Why a further client is refused.
  drop_reason refusal(const char* from = "10.0.0.1", std::uint16_t port = 80) {
    client(from, port);
    return owner.expects<dropped>().reason;
  }

  void leaves(served& who) {
    handler.sends(who.handle, destroy{});
    handler.expects<closed>();
  }

  /// What the handler was told, and would hold up by not having looked at it, is handled.
  void handler_catches_up() {
    while (!handler.has_no_event())
      try {
        handler.expects<timeout>();
      } catch (const testkit::unexpected_message&) { // taken all the same
      }
  }

  broker_info info() { return handler.asks(broker, get_info{}).value<broker_info>(); }
  std::uint64_t count() {
    return handler.asks(broker, get_connections{}).value<connections>().count;
  }
  void limits_become(const connection_limits& next) {
    handler.asks(broker, set_limits{next}).done();
  }

  world w;
  testkit::probe owner{w};
  testkit::probe broker_owner{w};
  testkit::probe handler{w};
  connection_broker broker;
  listener server;
};

} // namespace actornet::test
