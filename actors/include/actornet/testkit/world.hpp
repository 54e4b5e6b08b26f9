// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/runtime.hpp>

#include <actornet/net/simulated_network.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace actornet::testkit {

/// An actor system, its runtime and a simulated network, all driven by the test's own thread.
///
/// Nothing happens but in the functions below. Virtual time passes only in `pass` and `run_until`;
/// CAF's clock (`after`, `delayed_send`) goes along. Same seed, same run.
///
///     world w({.network = {.seed = 7}});
///     auto server = w.net().listen({.address = "tcp://127.0.0.1:80"}, echo);
///     auto client = w.network().peer_connects(net::endpoint::loopback_ipv4(80));
///     client.sends("abc");
///     w.run_until([&] { return client.received() == "abc"; });
///
/// One thread. Whatever is open when the world ends is closed.
class world {
public:
  struct options {
    net::simulated_network::options network = {};
    std::size_t loops = 1;
    delivery events = delivery::in_place;
    /// Of all connections together; 0: no limit.
    std::size_t receive_budget_bytes = 0;
  };

  world();
  explicit world(options chosen);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  caf::actor_system& system() noexcept { return *system_; }
  runtime& net() { return runtime::from(*system_); }
  net::simulated_network& network() noexcept { return network_; }

  /// Everything that can happen now has happened when this returns; no time passes. Throws
  /// std::logic_error when that never ends.
  void settle();
  /// Lets that much time pass, and everything happen that is due in it.
  void pass(net::duration time);
  /// Lets time pass until `condition` holds; false if it does not within `limit`, or never will.
  bool run_until(const std::function<bool()>& condition,
                 net::duration limit = std::chrono::seconds(60));

private:
  std::optional<net::instant> next_happening() const;
  void advance_to(net::instant when);

  net::simulated_network network_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

} // namespace actornet::testkit
