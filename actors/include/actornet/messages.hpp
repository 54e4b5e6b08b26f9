// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>
#include <actornet/inspect.hpp>

#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/error.hpp>

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>

/// Every message of the protocol: commands to endpoints, their answers, and the events that
/// endpoints send. All are plain values, and all but the noted parts travel between nodes.
///
/// **Commands** are sent plainly or as a request. A request is answered exactly once: with the
/// answer that the handle's type promises, or with an error that `error_of` (error.hpp) reads back.
/// A plain send gets no answer; what goes wrong then reaches the handler as an event, if anybody.
///
/// **Events** go to the handler of the connection, or to the owner of the listener, in the order in
/// which they happened. They have no sender: `peer` says which connection. An event for which the
/// receiver has no case is dropped without a word.
///
/// Of one connection: `connected`, then any of `data`, `drain`, `timeout`, `write_failed`, and at
/// most one `end` behind all `data`; `failed` when it broke; and always, once, and last, `closed`.
/// (`timeout` may come before `connected`.)
namespace actornet {

using net::chunk;
using net::endpoint;
using net::error;
using net::text;

// -- commands to a connection ---------------------------------------------------------------------

/// Sends bytes. Answered by `written` when the kernel has all of them, or by the error that kept it
/// from that: EPIPE after `finish`, ECANCELED when cut off by `destroy`, ECONNRESET by a reset,
/// ENOBUFS when the write queue is full, ENOTCONN when the connection is closed. Allowed while
/// connecting. Writes of one sender leave in the order in which they were sent.
struct write {
  chunk bytes;
};

/// Sends `last`, if there is any, then what is queued, then FIN. Receiving goes on. Answered
/// (without content) when the kernel has it all; a second `finish` without bytes is answered with
/// the first.
struct finish {
  chunk last;
};

/// Closes at once: queued writes fail with ECANCELED, what the kernel has is still delivered.
struct destroy {};

/// As `destroy`, but the peer gets RST, and nothing is delivered any more.
struct reset {};

/// No more `data` and no `end` until `resume`: bytes wait in the kernel. What was sent to the
/// handler before still arrives. Reset and `closed` do not wait.
struct pause {};
struct resume {};

/// Another handler, from the next event on; its first event is `connected`, if the connection is.
/// A null handler: nothing is received until there is one again.
struct set_handler {
  caf::actor handler;
};

/// `timeout` after this much silence, once until the next activity; 0 switches off. Activity: bytes
/// or an end received, bytes that the kernel takes. Allowed while connecting.
struct set_timeout {
  std::int64_t idle_ms = 0;
};

/// SO_KEEPALIVE, and the silence before the first probe; under 1000 ms: the system's value is kept.
/// While connecting it is set, and answered, with the handshake; so is `set_no_delay`.
struct set_keep_alive {
  bool enabled = true;
  std::int64_t delay_ms = 0;
};

/// TCP_NODELAY: small writes leave at once, also while others are unacknowledged.
struct set_no_delay {
  bool enabled = true;
};

// -- commands to a listener -----------------------------------------------------------------------

/// Stops listening; its connections live on. Answered when the port is free; `listener_closed`
/// comes when the last connection is gone. Idempotent.
struct close {};

/// Stops listening, has every connection `finish`, and destroys those that are left at the
/// deadline. Answered by `stopped` when none is left.
struct stop {
  std::int64_t deadline_ms = 5000;
};

/// Clients wait in the kernel's backlog until `resume_accepting`.
struct pause_accepting {};
struct resume_accepting {};

/// Connections beyond are accepted and closed at once, with the event `dropped`. Lowering it never
/// closes a connection; 0 drops all; -1: no limit.
struct set_max_connections {
  std::int64_t count = -1;
};

struct get_connections {};

// -- commands to all ------------------------------------------------------------------------------

struct get_address {};
struct get_info {};

/// The actor system waits for this endpoint before it ends (which is so from the start).
struct ref {};
/// The actor system need not wait for this endpoint.
struct unref {};

// -- answers --------------------------------------------------------------------------------------

struct written {
  /// What the kernel has taken: all of the write.
  std::uint64_t bytes = 0;
  /// False: this write left the queue at or above the high-water mark; one `drain` follows.
  bool keep_going = true;
  /// What is queued behind it now, in bytes.
  std::uint64_t buffered = 0;
};

struct addresses {
  endpoint local;
  /// Family `none` for a listener, and for a connection that is still connecting.
  endpoint remote;
};

enum class connection_state : std::uint8_t {
  connecting,
  open,
  read_only,  ///< we have finished, the peer has not
  write_only, ///< the peer has finished, we have not
  closed,
};

struct connection_info {
  std::uint64_t bytes_read = 0;
  /// What the kernel has taken.
  std::uint64_t bytes_written = 0;
  /// Written by the program, not yet taken by the kernel.
  std::uint64_t buffered = 0;
  /// Received bytes (of memory) that somebody still refers to, and how many there may be.
  std::uint64_t window_held = 0;
  std::uint64_t window_max = 0;
  connection_state state = connection_state::closed;
};

struct connections {
  /// Accepted and not yet closed, also after `close` of the listener; half-closed ones count.
  std::uint64_t count = 0;
};

enum class listener_state : std::uint8_t { resolving, listening, paused, closed };

struct listener_info {
  std::uint64_t connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t dropped = 0;
  listener_state state = listener_state::closed;
};

struct stopped {
  /// Connections that ended by themselves, and those that were destroyed at the deadline.
  std::uint64_t finished = 0;
  std::uint64_t forced = 0;
};

// -- events of a connection, to its handler -------------------------------------------------------

struct connected {
  connection peer;
  endpoint local;
  endpoint remote;
};

struct data {
  connection peer;
  chunk bytes;
};

/// The peer has finished: every byte came before. Unless half-open is allowed, the connection
/// finishes too, once this event has been handled and what was written until then is sent. Whoever
/// keeps a copy of the event puts that off.
struct end {
  connection peer;
  /// Its last copy gone: the event was handled. Does not travel between nodes.
  std::shared_ptr<const void> handled;
};

/// Nothing came or went for as long as `set_timeout` said. The connection goes on.
struct timeout {
  connection peer;
};

/// The write queue is empty, after a `written` that said not to keep going. Never after `finish`.
struct drain {
  connection peer;
};

/// Plain writes (those that were not requests) of `bytes` in all were refused or cut off. What a
/// request asked for is told by its answer instead.
struct write_failed {
  connection peer;
  std::uint64_t bytes = 0;
  error why;
};

/// The connection broke, or was never made. `closed` follows.
struct failed {
  connection peer;
  error why;
};

enum class close_reason : std::uint8_t {
  ended,          ///< both sides had finished
  destroyed,      ///< by `destroy`
  reset_by_us,    ///< by `reset`
  reset_by_peer,  ///< the peer cut it off: ECONNRESET, or EPIPE
  failed,         ///< it broke otherwise, or was never made
  handler_failed, ///< its handler, or an actor that was linked to it, died of an error
  shut_down,      ///< the runtime ended
};

/// The last event. After an error (`reset_by_peer`, `failed`) `failed` came first, and says more.
struct closed {
  connection peer;
  bool had_error = false;
  close_reason reason = close_reason::ended;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
};

// -- events of a listener, to its owner -----------------------------------------------------------

struct listening {
  listener from;
  endpoint local;
};

/// A connection was accepted; its handler is told by `connected`.
struct accepted {
  listener from;
  connection peer;
  endpoint local;
  endpoint remote;
};

enum class drop_reason : std::uint8_t { max_connections, no_descriptors };

/// A connection was accepted and closed at once.
struct dropped {
  listener from;
  endpoint local;
  endpoint remote;
  drop_reason reason = drop_reason::max_connections;
};

/// Listening failed (`listener_closed` follows), or accepting did for a while (it goes on).
struct listener_failed {
  listener from;
  error why;
};

/// The last event: it does not listen any more, and its last connection is gone.
struct listener_closed {
  listener from;
  bool had_error = false;
};

} // namespace actornet

#include <actornet/message_inspection.hpp>
