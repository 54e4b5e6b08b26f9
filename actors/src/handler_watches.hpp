// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>

#include <unordered_map>

namespace actornet {

class io_loop;
class handled_endpoint;

/// Tells the connections and UDP endpoints of a loop when their handler dies.
///
/// One monitor per loop and handler, whatever the number of endpoints, because CAF keeps monitors
/// in a list that is searched from its start (and never forgets dead observers by itself).
class handler_watches {
public:
  /// An endpoint's place among those of its handler. Part of each of them.
  struct place {
    handled_endpoint** to_here = nullptr; // in the one before, or the list's own
    handled_endpoint* next = nullptr;
  };

  explicit handler_watches(io_loop& home) : home_(home) {}
  ~handler_watches();

  /// `whose.handler_is_dead` is called, later, when `handler` is dead, or if it is already. A
  /// handler that we did not make is seen to that it drops events it does not know.
  void add(const caf::actor& handler, handled_endpoint& whose);
  void remove(const caf::actor& handler, handled_endpoint& whose);

private:
  struct watch {
    caf::actor handler;
    handled_endpoint* first = nullptr;
  };

  friend class death_notice;
  void handler_died(const caf::actor_control_block* who, const caf::error& reason);

  io_loop& home_;
  // By identity: an actor of another node may have the number of one of ours.
  std::unordered_map<const caf::actor_control_block*, watch> watches_;
};

} // namespace actornet
