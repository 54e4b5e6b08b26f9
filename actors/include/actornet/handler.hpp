// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

namespace actornet {

/// Who gets the events of an endpoint: of a connection, or of a UDP endpoint. Made implicitly from
/// any of
///
/// - a function `caf::behavior(caf::event_based_actor* self, connection peer)`: a new actor for
///   each connection, spawned by the runtime where the options' `placement` says. It lives as long
///   as its connection or somebody else refers to it; the actor system does not wait for it.
/// - a function `caf::actor(caf::actor_system&, connection peer)`: makes an actor of any kind for
///   each connection, which runs where it was spawned.
/// - an actor: shared by all connections; events say which one they are from. A null actor: nobody
///   yet, the connection reads nothing until `set_handler`.
///
/// Functions are called on I/O loops, also on several at once. One that throws, like a handler that
/// dies, takes its connection down and nothing else: a handler that quits normally leaves its
/// connection to send what was written and close; one that fails has it destroyed.
///
/// (All the same with `udp_endpoint` in place of `connection`.)
template <class Endpoint> class basic_handler {
public:
  using function = std::function<caf::behavior(caf::event_based_actor*, Endpoint)>;
  using factory = std::function<caf::actor(caf::actor_system&, Endpoint)>;

  basic_handler(caf::actor shared) : kind_(std::move(shared)) {}

  template <class F>
  requires(std::is_invocable_r_v<caf::behavior, F&, caf::event_based_actor*, Endpoint>)
      basic_handler(F made_of)
      : kind_(function(std::move(made_of))) {}

  template <class F>
  requires(std::is_invocable_r_v<caf::actor, F&, caf::actor_system&, Endpoint>)
      basic_handler(F made_by)
      : kind_(factory(std::move(made_by))) {}

  const std::variant<caf::actor, function, factory>& kind() const noexcept { return kind_; }

private:
  std::variant<caf::actor, function, factory> kind_;
};

using handler = basic_handler<connection>;
using udp_handler = basic_handler<udp_endpoint>;

} // namespace actornet
