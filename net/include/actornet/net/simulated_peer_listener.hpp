// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/simulated_peer.hpp>

#include <cstddef>
#include <memory>

namespace actornet::net {

namespace simulation {
class peer_listener;
}

/// A server in a test, made by `simulated_network`: accepts every connection at once. A handle, as
/// `simulated_peer` is.
class simulated_peer_listener {
public:
  endpoint local() const;

  /// How many connections wait for `accepts`.
  std::size_t waiting() const noexcept;
  /// The oldest connection that was not taken yet. There must be one.
  simulated_peer accepts();
  /// Refuses from now on; connections live on, those that wait too.
  void closes();

  /// For the network.
  explicit simulated_peer_listener(std::shared_ptr<simulation::peer_listener> self) noexcept
      : self_(std::move(self)) {}

private:
  std::shared_ptr<simulation::peer_listener> self_;
};

} // namespace actornet::net
