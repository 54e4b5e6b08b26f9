// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/datagram_socket.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace actornet::net {

namespace simulation {
class datagram_peer;
}

/// The other side of datagrams in a test, made by `simulated_network`: does what the test says,
/// without a backend and without callbacks. It is a host of its own.
///
/// What it knows is as of the network's `now()`. It takes whatever arrives at once. A handle:
/// copies are the same peer; it lives as long as the network, and must not be used after that.
class simulated_datagram_peer {
public:
  struct datagram {
    std::string bytes;
    endpoint from;
    /// The address that it was sent to, with the port.
    endpoint to;
  };

  // What it does. What fails is told at once, as the kernel would.

  expected<void> sends(const endpoint& destination, std::string_view bytes);
  expected<void> connects(const endpoint& remote);
  void disconnects();
  expected<void> joins(const group_membership& what);
  expected<void> leaves(const group_membership& what);
  expected<void> sets(const datagram_settings& chosen);
  void closes();

  // What it knows.

  endpoint local() const;
  const std::vector<datagram>& received() const noexcept;
  /// Empties `received`.
  std::vector<datagram> takes();
  /// Errnos of what came back, to where it is connected.
  const std::vector<int>& errors() const noexcept;

  /// For the network.
  explicit simulated_datagram_peer(std::shared_ptr<simulation::datagram_peer> self) noexcept
      : self_(std::move(self)) {}

private:
  std::shared_ptr<simulation::datagram_peer> self_;
};

} // namespace actornet::net
