// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/backend_world.hpp"
#include "support/recorded_listener.hpp"
#include "support/recorded_stream.hpp"

namespace actornet::test {

/// A listener on `where` that accepts at once.
inline void listen(backend_world& world, recorded_listener& listener, const net::endpoint& where,
                   const net::listen_options& chosen = {}) {
  auto opened = world.backend().open_listener(where, chosen);
  INFO((opened ? std::string() : to_string(opened.error())));
  REQUIRE(opened);
  listener.local = opened->local;
  auto added = world.backend().add_listener(std::move(*opened), listener);
  REQUIRE(added);
  listener.socket = std::move(*added);
  listener.socket->start_accepting();
}

inline void serve(net::io_backend& loop, net::descriptor accepted, recorded_stream& stream) {
  auto added = loop.add_stream(std::move(accepted), {}, stream);
  INFO((added ? std::string() : to_string(added.error())));
  REQUIRE(added);
  stream.socket = std::move(*added);
}

/// A client on the first loop, connected to a server on `server_loop`. Neither receives yet.
struct connected_pair {
  recorded_stream client;
  recorded_stream server;

  explicit connected_pair(backend_world& world, net::io_backend* server_loop = nullptr,
                          const net::endpoint& where = net::endpoint::loopback_ipv4(0)) {
    recorded_listener listener;
    listen(world, listener, where);
    client.socket = world.backend().connect(listener.local, {}, client);
    REQUIRE(world.run_until(
        [&] { return client.was_told("connected") && listener.accepted.size() == 1; }));
    client.told.clear();
    serve(server_loop ? *server_loop : world.backend(), std::move(listener.accepted[0].socket),
          server);
  }
};

/// Bytes that show if one is lost, doubled or in the wrong place.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (auto& each : bytes) {
    state = state * 1664525 + 1013904223;
    each = static_cast<char>(state >> 24);
  }
  return bytes;
}

} // namespace actornet::test
