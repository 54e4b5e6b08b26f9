// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/world.hpp"

#include <string>

namespace actornet::test {

inline const std::string port_80 = "tcp://127.0.0.1:80";
inline const net::endpoint at_80 = net::endpoint::loopback_ipv4(80);

/// The smallest story: a listener, one simulated client, and the connection that came of it, with
/// probes for its events and for the listener's.
struct served_client {
  explicit served_client(listen_options chosen = {.address = port_80},
                         testkit::world::options how = {})
      : served_client(std::move(chosen), how, nullptr) {
    peer = handler.expects<connected>().peer;
    w.run_until([&] { return client.connected(); });
  }

  /// The same, but somebody else is the handler.
  served_client(listen_options chosen, testkit::world::options how, const actornet::handler& other)
      : w(how) {
    chosen.owner = owner.actor();
    server = *w.net().listen(std::move(chosen), other);
    owner.expects<listening>();
    client = w.network().peer_connects(at_80);
    peer = owner.expects<accepted>().peer;
    w.run_until([&] { return client.connected(); });
  }

  connection_info info() { return handler.asks(peer, get_info{}).value<connection_info>(); }

  world w;
  testkit::probe handler{w};
  testkit::probe owner{w};
  listener server;
  net::simulated_peer client{nullptr};
  connection peer;

private:
  served_client(listen_options chosen, testkit::world::options how, std::nullptr_t) : w(how) {
    chosen.owner = owner.actor();
    server = *w.net().listen(std::move(chosen), handler.actor());
    owner.expects<listening>();
    client = w.network().peer_connects(at_80);
    owner.expects<accepted>();
  }
};

/// Another simulated client of the same listener.
inline net::simulated_peer one_more_client(served_client& story) {
  return story.w.network().peer_connects(at_80);
}

/// A network on which a send takes all that there is room for, for tests that count bytes.
inline testkit::world::options without_chance() {
  testkit::world::options how;
  how.network.partial_receive_chance = 0;
  how.network.partial_send_chance = 0;
  return how;
}

/// `size` bytes that show whether any were lost, doubled or moved.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>((i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xff);
  return bytes;
}

} // namespace actornet::test
