// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace actornet::net {

/// What an epoll event points to: a socket of an epoll backend.
///
/// A source that is closed while events are told stays in memory until the turn ends, because
/// later events of the same turn, and the lists of the backend, may still point to it.
class epoll_source {
public:
  virtual ~epoll_source() = default;

  /// epoll_wait(2) says so, once per edge.
  virtual void on_events(std::uint32_t events) = 0;
  /// The source asked to be called again in this turn: it left something undone, or begins.
  virtual void on_turn() = 0;
  /// The source asked for its sends to be started.
  virtual void on_flush() {}

  bool closed = false;       ///< nothing may be told any more
  bool awaits_turn = false;  ///< is in the backend's list for the next turn
  bool awaits_flush = false; ///< is in the backend's list of things to send
};

} // namespace actornet::net
