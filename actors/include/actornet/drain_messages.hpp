// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <actornet/net/error.hpp>

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>

/// The messages by which servers end in order, and by which owners learn of what went wrong in
/// them.
namespace actornet {

/// To a connection: it is to end soon. Its handler is told `draining`; once that is handled, the
/// connection finishes, with what was written until then. It does not end by force: who sends this
/// does that, if it has to be. Answered at once.
struct wind_down {
  std::int64_t deadline_ms = 0;
};

/// To handlers: the server stops, and at the deadline this connection ends by force. Who is idle
/// need not do anything: once this event has been handled, the connection finishes. Who is in the
/// middle of something keeps a copy of the event until that is done, which puts the finish off.
struct draining {
  connection peer;
  /// From now.
  std::int64_t deadline_ms = 0;
  /// Its last copy gone: the event was handled. Does not travel between nodes.
  std::shared_ptr<const void> handled = nullptr;
};

/// To the owner of a listener, a broker, or whoever stops the runtime: how far stopping has come.
/// At its start, every tenth of the deadline (between 100 ms and 1 s) while there is something
/// left.
struct drain_progress {
  /// The listener or the broker; null for the runtime.
  caf::actor from;
  std::uint64_t left = 0;
  /// Those that have ended since, by themselves.
  std::uint64_t finished = 0;
};

/// To the owner of a listener: a connection was taken down because its handler died, threw, or
/// could not be made. One that throws in an event behind which the connection is gone anyway
/// (`write_failed` and `failed` at its end, `closed`) takes nothing down: who monitors it knows.
struct handler_failed {
  listener from;
  connection peer;
  net::error why;
};

/// To the owner of a listener: it failed, its connections were destroyed, and it goes on as its
/// restart policy says, on the same socket.
struct listener_restarted {
  listener from;
  net::error why;
  /// How many times, within the time of the policy, this included.
  std::uint64_t restarts = 0;
};

} // namespace actornet
