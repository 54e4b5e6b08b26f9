// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/broker_messages.hpp>
#include <actornet/drain_messages.hpp>
#include <actornet/handles.hpp>
#include <actornet/inspect.hpp>
#include <actornet/pipe_messages.hpp>

#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/error.hpp>
#include <actornet/net/text_encoding.hpp>

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// The messages of the protocol, but for those that are only of UDP (udp_messages.hpp): commands to
/// endpoints, their answers, and the events that endpoints send. All are plain values, and all but
/// the noted parts travel between nodes.
///
/// **Commands** are sent plainly or as a request. A request is answered exactly once: with the
/// answer that the handle's type promises, or with an error that `error_of` (error.hpp) reads back.
/// A plain send gets no answer; what goes wrong then reaches the handler as an event, if anybody.
///
/// **Events** go to the handler of the connection, or to the owner of the listener, in the order in
/// which they happened. They have no sender: `peer` says which connection. An event for which the
/// receiver has no case is dropped without a word.
///
/// Of one connection: `connected`, then any of `data` (or `text_data`, once there is an encoding),
/// `drain`, `timeout`, `draining`, `write_failed`, `piped`, `unpiped`, and at most one `end` behind
/// all bytes; `failed` when it broke; and always, once, and last, `closed`.
/// (`timeout` may come before `connected`.)
namespace actornet {

using net::chunk;
using net::endpoint;
using net::error;
using net::text;
using net::text_encoding;

// -- commands to a connection ---------------------------------------------------------------------

/// Sends bytes. Answered by `written` when the kernel has all of them, or by the error that kept it
/// from that: EPIPE after `finish`, ECANCELED when cut off by `destroy`, ECONNRESET by a reset,
/// ENOBUFS when the write queue is full, ENOTCONN when the connection is closed. Allowed while
/// connecting. Writes of one sender leave in the order in which they were sent.
struct write {
  chunk bytes;
};

/// Sends the bytes that stand for `text`, which is UTF-8, as `write` does; `written` counts bytes.
/// Nothing is sent, and the error is EINVAL, if the encoding has no bytes for all of it (see
/// `net::encode`); `write_failed` then counts the bytes of `text` itself.
struct write_text {
  std::string text;
  text_encoding encoding = text_encoding::utf8;
};

/// Sends `last`, if there is any, then what is queued, then FIN. Receiving goes on. Answered
/// (without content) when the kernel has it all; a second `finish` without bytes is answered with
/// the first.
struct finish {
  chunk last;
};

/// Closes at once: queued writes fail with ECANCELED, what the kernel has is still delivered.
struct destroy {};

/// As `finish`, and then `destroy`, without waiting for the peer to finish. What the peer sends
/// meanwhile is thrown away unread, for at most `linger_ms`: who closes with bytes unread resets
/// the connection, and the peer may lose what it was sent last. 0: at once, as Node's
/// `destroySoon`. Nothing has changed if there is no room for `last` (ENOBUFS).
struct finish_then_destroy {
  chunk last;
  std::int64_t linger_ms = 2000;
};

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

/// From the next event on what is received comes as `text_data`, decoded; with none as `data`
/// again. Characters that lie across chunks come out whole; one of which only a part has come is
/// told with the old encoding, as it is before `end`.
struct set_encoding {
  std::optional<text_encoding> encoding;
};

/// `timeout` after this much silence, once until the next activity; 0 switches off. Activity: bytes
/// or an end received, bytes that the kernel takes, and bytes that the peer acknowledges while a
/// write waits for the kernel (noticed within a quarter of the time). Allowed while connecting.
struct set_timeout {
  std::int64_t idle_ms = 0;
};

/// The connection breaks with ETIMEDOUT after this much more time, whatever happens; 0 takes that
/// back. Allowed while connecting.
struct set_lifetime {
  std::int64_t remaining_ms = 0;
};

/// SO_KEEPALIVE, the silence before the first probe, the time between probes, and how many may stay
/// unanswered; under 1000 ms, and 0 probes: the system's value is kept. While connecting it is set,
/// and answered, with the handshake; so are the other options of the socket.
struct set_keep_alive {
  bool enabled = true;
  std::int64_t delay_ms = 0;
  std::int64_t interval_ms = 0;
  std::int32_t probes = 0;
};

/// TCP_NODELAY: small writes leave at once, also while others are unacknowledged.
struct set_no_delay {
  bool enabled = true;
};

/// IP_TOS and IPV6_TCLASS: 0 to 255, else EINVAL.
struct set_type_of_service {
  std::int32_t value = 0;
};

/// SO_SNDBUF and SO_RCVBUF; 0: as it is. Linux takes twice as much, within the system's limits.
struct set_buffer_sizes {
  std::uint64_t send_bytes = 0;
  std::uint64_t receive_bytes = 0;
};

/// TCP_USER_TIMEOUT: how long bytes may stay unacknowledged until the connection breaks; 0: the
/// system's value.
struct set_user_timeout {
  std::int64_t unacknowledged_ms = 0;
};

/// Whatever else setsockopt(2) can do, and getsockopt(2) tell, about the connection's socket.
struct set_socket_option {
  std::int32_t level = 0;
  std::int32_t name = 0;
  chunk value;
};
struct get_socket_option {
  std::int32_t level = 0;
  std::int32_t name = 0;
  std::uint32_t bytes_max = sizeof(int);
};

// -- commands to a listener -----------------------------------------------------------------------

/// Stops listening; its connections live on. Answered when the port is free; `listener_closed`
/// comes when the last connection is gone. Idempotent.
///
/// A UDP endpoint receives no more, and what it was given to send leaves or fails (after 5 s with
/// ECANCELED); then this is answered, and `udp_closed` told.
struct close {};

/// To a listener or a broker: stops listening and has every connection wind down. Handlers are told
/// `draining`; who is idle finishes at once, who is busy when it is done or what was written is
/// sent. Those that are left at the deadline are destroyed, or reset. Answered by `stopped` when
/// none is left; meanwhile the owner is told `drain_progress`. The earliest deadline holds.
struct stop {
  std::int64_t deadline_ms = 5000;
  bool reset_rest = false;
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
  /// False: this write left the queue at or above the high-water mark; one `drain` follows. (One
  /// that is answered behind that `drain`, as a low-water mark allows, need not wait: true.)
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

struct socket_option {
  chunk value;
};

struct connection_info {
  std::uint64_t bytes_read = 0;
  /// Of all writes that were not refused.
  std::uint64_t bytes_accepted = 0;
  /// What the kernel has taken.
  std::uint64_t bytes_written = 0;
  /// What the peer's kernel has acknowledged; of a closed connection, as far as it was known.
  std::uint64_t bytes_acknowledged = 0;
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
  /// Connections that were there when `stop` came: those that ended by themselves, and those that
  /// were destroyed, or reset, at the deadline.
  std::uint64_t finished = 0;
  std::uint64_t forced = 0;
  /// All that were ever accepted.
  std::uint64_t served = 0;
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

/// In place of `data`, as long as there is an encoding. Never empty: bytes that only begin a
/// character come with the text that has it whole, in a later event.
struct text_data {
  connection peer;
  /// In UTF-8.
  std::string text;
  /// What the bytes were; `write_text{text, encoding}` gives them again, unless they were no text.
  text_encoding encoding = text_encoding::utf8;
  /// The bytes with which this text came, for as long as a copy of the event lives: so they count
  /// against the receive window as in `data`, and a slow handler holds the peer back. Does not
  /// travel between nodes.
  chunk received = {};
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

/// The write queue is empty, or down to the low-water mark, after a `written` that said not to keep
/// going. Never after `finish`.
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

enum class drop_reason : std::uint8_t {
  max_connections, ///< in all, or of the listener
  no_descriptors,  ///< the process or the system has no descriptor left (EMFILE, ENFILE)
  denied, ///< by a list `deny` of the listener or its broker, or for not being on a list `allow`
  max_per_address,
  max_per_prefix,
  accept_rate,
};

/// A connection was accepted and closed at once. `remote` has family `none` if the client was gone
/// too soon to be asked.
struct dropped {
  listener from;
  endpoint local;
  endpoint remote;
  drop_reason reason = drop_reason::max_connections;
  /// More than 1: there were so many within a second, of which the ends are those of the last. See
  /// `listen_options::dropped_events_max`.
  std::uint64_t count = 1;
};

/// Listening failed (`listener_closed` follows), or accepting did for a while: it goes on by
/// itself. The latter is told once, and while it lasts again after 100 ms, then after twice as long
/// each time, up to 1.6 s.
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

#include <actornet/udp_messages.hpp>

#include <actornet/message_inspection.hpp>
