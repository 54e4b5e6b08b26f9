// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <actornet/net/address_list.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/stream_socket.hpp>
#include <actornet/net/text_encoding.hpp>

#include <caf/actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace actornet {

using net::keep_alive_options;
using net::text_encoding;

/// Where the handler that is made for a connection runs.
enum class placement : std::uint8_t {
  loop, ///< on the connection's I/O loop: no thread between them; it must not block or compute long
  scheduler, ///< on CAF's scheduler
};

/// How events reach a handler on the connection's own loop. What a handler can observe is the same;
/// `plain` is slower, and there to find out whether a fault lies in the short cuts.
enum class delivery : std::uint8_t {
  in_place, ///< an idle handler handles an event at once, and what it writes is written at once
  plain,    ///< all through mailboxes and queues; and pipes by chunks, never by splice(2)
};

/// What becomes of a listener when an actor dies of an error that it is linked to (the program, by
/// `link_to`, says that the listener depends on it).
struct restart_policy {
  /// So many times within `within` its connections are destroyed and it goes on: the owner is told
  /// `listener_restarted`. The socket stays as it is, and who waits in the backlog is served. One
  /// more, and the listener closes. 0: it closes at once.
  std::size_t restarts_max = 0;
  std::chrono::milliseconds within = std::chrono::seconds(5);
};

/// How to listen. Written with designators: `{.address = "tcp://*:8080", .max_connections = 100}`.
struct listen_options {
  /// `tcp://127.0.0.1:8080`, `tcp://[::1]:0`, `tcp://name:80`, `tcp://*:8080` (any address, both
  /// families), `tcp://localhost:80` (both loopback addresses), `unix:/run/x.sock`,
  /// `unix:@abstract-name`, `fd:3` (bound or listening). A socket file on which nobody listens, as
  /// a process leaves it that was killed, is replaced; to find out, it is connected to.
  std::string address;
  /// Completed connections that wait to be accepted; the kernel caps it by somaxconn.
  int backlog = 511;
  /// More are accepted and closed at once, with the event `dropped`, or whatever the broker's
  /// policy is. None: no limit.
  std::optional<std::size_t> max_connections = std::nullopt;
  /// Whose limits hold, too; see `runtime::make_broker`. One may guard any number of listeners of
  /// its own actor system; those of others fail with EINVAL. Null: nobody's.
  connection_broker broker = {};
  /// Only these clients are served, unless it is empty; and of them not those that `deny` has. The
  /// others are accepted and closed at once, with the event `dropped`, and count for no limit. Who
  /// comes through a unix socket is on no list.
  net::address_list allow = {};
  net::address_list deny = {};
  /// False: once the peer has finished and `end` was handled, the connection finishes too.
  bool allow_half_open = false;
  /// Connections begin paused.
  bool pause_on_connect = false;
  /// Connections begin as after `set_encoding`. None: bytes.
  std::optional<text_encoding> encoding = std::nullopt;
  bool no_delay = false;
  std::optional<keep_alive_options> keep_alive = std::nullopt;
  /// Upper 6 bits: the DSCP of RFC 2474.
  std::optional<std::uint8_t> type_of_service = std::nullopt;
  /// SO_SNDBUF and SO_RCVBUF; none: the kernel sizes the buffers as it goes.
  std::optional<std::size_t> send_buffer_bytes = std::nullopt;
  std::optional<std::size_t> receive_buffer_bytes = std::nullopt;
  /// TCP_USER_TIMEOUT: bytes unacknowledged for this long break the connection.
  std::optional<std::chrono::milliseconds> user_timeout = std::nullopt;
  /// What else setsockopt(2) knows; set on each connection.
  std::vector<net::raw_option> raw_options = {};
  /// No activity for this long: the event `timeout`. 0: never.
  std::chrono::milliseconds idle_timeout{0};
  /// A connection breaks with ETIMEDOUT, whatever its handler does, if it lives longer than
  /// `lifetime_max`; if there is no activity for `idle_max`; if its first byte is not there after
  /// `first_byte_timeout`; or if the kernel takes, and the peer acknowledges, nothing of what is
  /// written for `write_stall_timeout`, which is noticed after at most twice that time. 0: it may.
  std::chrono::milliseconds lifetime_max{0};
  std::chrono::milliseconds idle_max{0};
  std::chrono::milliseconds first_byte_timeout{0};
  std::chrono::milliseconds write_stall_timeout{0};
  /// From this many queued bytes on a write says not to keep going.
  std::size_t high_water_mark_bytes = 64 * 1024;
  /// Then `drain` comes when no more than this many are left.
  std::size_t low_water_mark_bytes = 0;
  /// A write that would queue more than this fails with ENOBUFS.
  std::size_t write_queue_bytes_max = 64 * 1024 * 1024;
  /// Received bytes alive at once, per connection, before reading stops.
  std::size_t receive_window_bytes = 256 * 1024;
  bool ipv6_only = false;
  bool reuse_port = false;
  /// Who may connect to the path of a unix socket, as in chmod(2): 0666 is everybody. None: as the
  /// umask has it. EINVAL for addresses of any other kind.
  std::optional<unsigned> unix_mode = std::nullopt;
  placement handlers = placement::loop;
  restart_policy restart = {};
  /// Gets the listener's own events: `listening`, `accepted`, `dropped`, `handler_failed`,
  /// `listener_failed`, `listener_restarted`, `drain_progress`, `listener_closed`.
  caf::actor owner = nullptr;
  /// So many `dropped` are told within a second, each for one client. Those beyond are told at its
  /// end, one event for each reason, with their `count`. 0: each for one client, however many.
  std::size_t dropped_events_max = 1000;
  /// Begin as after `unref`.
  bool unreferenced = false;
  /// When a stop is requested, on whatever thread, the listener closes (`close`).
  std::stop_token abort = {};
};

/// How to connect. Written with designators: `{.address = "tcp://example.org:80"}`.
struct connect_options {
  /// As above, but no `*`, `localhost` is whichever loopback address answers, and `fd:3` adopts a
  /// connected socket.
  std::string address;
  /// Address and port to connect from: `tcp://127.0.0.2:0`, or for a unix socket the name that the
  /// peer sees: `unix:/run/me.sock`, whose file is left to the program, or `unix:@me`. Of the kind
  /// of `address`. Empty: the system chooses.
  std::string from = {};
  /// Of a name's addresses only these. `none`: all.
  net::address_family family = net::address_family::none;
  /// Addresses that are never tried, whether they were given or resolved; with no other left it
  /// fails with EACCES.
  net::address_list deny = {};
  /// For everything from the name to the handshake. 0: as long as the kernel tries, after
  /// `actornet.resolve_timeout_ms` at most for the name.
  std::chrono::milliseconds connect_timeout{0};
  /// A name with several addresses: the next is tried when one has failed, and else after this
  /// long, while those before go on (RFC 8305, which wants 100 ms to 2 s). At least 10 ms.
  std::chrono::milliseconds attempt_delay{250};
  bool allow_half_open = false;
  bool pause_on_connect = false;
  std::optional<text_encoding> encoding = std::nullopt;
  bool no_delay = false;
  std::optional<keep_alive_options> keep_alive = std::nullopt;
  std::optional<std::uint8_t> type_of_service = std::nullopt;
  std::optional<std::size_t> send_buffer_bytes = std::nullopt;
  std::optional<std::size_t> receive_buffer_bytes = std::nullopt;
  std::optional<std::chrono::milliseconds> user_timeout = std::nullopt;
  std::vector<net::raw_option> raw_options = {};
  std::chrono::milliseconds idle_timeout{0};
  std::chrono::milliseconds lifetime_max{0};
  std::chrono::milliseconds idle_max{0};
  std::chrono::milliseconds first_byte_timeout{0};
  std::chrono::milliseconds write_stall_timeout{0};
  std::size_t high_water_mark_bytes = 64 * 1024;
  std::size_t low_water_mark_bytes = 0;
  std::size_t write_queue_bytes_max = 64 * 1024 * 1024;
  std::size_t receive_window_bytes = 256 * 1024;
  placement handlers = placement::loop;
  /// It is to live on the loop of this one, and not on the caller's: what goes between the two then
  /// crosses no thread, and a pipe between them is the kernel's work.
  connection near = {};
  bool unreferenced = false;
  /// When a stop is requested, on whatever thread, the connection fails with ECANCELED, be it
  /// connecting or open; if that was before, nothing is sent at all.
  std::stop_token abort = {};
};

} // namespace actornet
