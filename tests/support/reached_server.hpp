// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/world.hpp"

#include <string>
#include <utility>

namespace actornet::test {

inline const std::string port_90 = "tcp://127.0.0.1:90";
inline const net::endpoint at_90 = net::endpoint::loopback_ipv4(90);

/// The other direction: a simulated server, and connections to it whose events a probe gets.
struct reached_server {
  explicit reached_server(testkit::world::options how = {}) : w(how) {}

  connection connects(connect_options chosen = {.address = port_90}) {
    return *w.net().connect(std::move(chosen), handler.actor());
  }

  net::simulated_peer accepted_one() {
    w.run_until([&] { return server.waiting() > 0; });
    return server.accepts();
  }

  world w;
  testkit::probe handler{w};
  net::simulated_peer_listener server = *w.network().peer_listens(at_90);
};

} // namespace actornet::test
