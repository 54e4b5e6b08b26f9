// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/served_client.hpp"

#include <utility>

namespace actornet::test {

/// A client, our server, and from there a connection to another server: a port forwarder.
struct forwarding : served_client {
  explicit forwarding(listen_options chosen = {.address = port_80},
                      testkit::world::options how = {})
      : served_client(std::move(chosen), how) {}

  void connects(bool half_open = true) {
    upstream = *w.net().connect({.address = "tcp://127.0.0.1:90", .allow_half_open = half_open},
                                far_handler.actor());
  }

  void both_ways(pipe how = {}) {
    how.to = upstream;
    handler.asks(peer, how).done();
    handler.expects<piped>();
    how.to = peer;
    far_handler.asks(upstream, how).done();
    far_handler.expects<connected>();
    far_handler.expects<piped>();
    w.run_until([&] { return servers.waiting() > 0; });
    server_side = servers.accepts();
  }

  net::simulated_peer_listener servers{*w.network().peer_listens(net::endpoint::loopback_ipv4(90))};
  testkit::probe far_handler{w};
  connection upstream;
  net::simulated_peer server_side{nullptr};
};

} // namespace actornet::test
