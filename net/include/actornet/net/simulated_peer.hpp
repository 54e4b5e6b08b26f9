// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace actornet::net {

namespace simulation {
class peer;
}

/// The other side of a connection in a test, made by `simulated_network`: a client or a server that
/// does what the test says, without a backend and without callbacks.
///
/// What it is told to do starts at once and takes effect as virtual time passes; what it knows is
/// as of the network's `now()`. Unless told otherwise it reads whatever arrives. A handle: copies
/// are the same peer; it lives as long as the network, and must not be used after that.
class simulated_peer {
public:
  /// What it does.

  /// Any number of bytes: what the connection does not take yet waits, also for the connection.
  void sends(std::string_view bytes);
  /// FIN behind everything that was sent. It goes on reading.
  void finishes();
  /// close(2): what waits here is dropped, what the connection took is delivered, then FIN; or RST
  /// if bytes that arrived were not read.
  void closes();
  /// RST now; nothing that has not left already is delivered.
  void resets();

  void stops_reading();
  /// Everything from now on.
  void reads();
  /// `bytes` more, then it stops.
  void reads_at_most(std::size_t bytes);

  /// What it knows.

  bool connected() const noexcept;
  /// ECONNREFUSED.
  bool refused() const noexcept;
  /// Why it could not connect.
  std::optional<error> connect_failure() const;
  /// Everything that it has read.
  const std::string& received() const noexcept;
  /// The same, and forgets it.
  std::string takes();
  /// FIN came, and everything before it was read.
  bool got_end() const noexcept;
  bool was_reset() const noexcept;
  /// What it was told to send and the connection did not take yet.
  std::size_t unsent_bytes() const noexcept;

  endpoint local() const;
  endpoint remote() const;

  /// For the network.
  explicit simulated_peer(std::shared_ptr<simulation::peer> self) noexcept
      : self_(std::move(self)) {}

private:
  std::shared_ptr<simulation::peer> self_;
};

} // namespace actornet::net
