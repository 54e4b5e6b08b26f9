// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>
#include <actornet/inspect.hpp>

#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/error.hpp>
#include <actornet/net/text_encoding.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The messages of UDP endpoints. Rules as in messages.hpp, where the commands are that all
/// endpoints have, or that connections have, too: `close`, `pause`, `resume`, `set_handler`,
/// `set_type_of_service`, `set_buffer_sizes`, `set_socket_option`, `get_socket_option`,
/// `get_address`, `get_info`, `ref`, `unref`.
///
/// An endpoint is bound at once if it was opened with an address, and else by the first of `bind`,
/// `send`, `connect` and `join`. Options are set at once, also before that.
///
/// Events: `udp_listening` when it is bound, before any other; `udp_connected` after a `connect`
/// that went well; any of `datagram` (or `datagrams`), `udp_accepted`, `send_failed`, `udp_failed`,
/// `udp_drain`; and always, once, and last, `udp_closed`. No datagram is told behind a `close`.
///
/// A peer can be split off: a **session** is an endpoint of the same type that is connected to its
/// peer from birth and shares the socket. Its events are those of a connected endpoint, from
/// `udp_connected` to `udp_closed`; it has no commands that concern the socket.
namespace actornet {

/// Whom a datagram is for: an address; a host by its name; or, by default, whom the endpoint is
/// connected to.
///
/// A name is asked for once: the first address of the endpoint's family is kept for as long as the
/// endpoint lives, or until the resolver's next answer if it had none.
struct destination {
  destination() = default;
  destination(net::endpoint where, net::endpoint leaves_from = {})
      : address(std::move(where)), from(std::move(leaves_from)) {}
  destination(std::string name, std::uint16_t number) : host(std::move(name)), port(number) {}

  /// Family `none` with a name, and by default.
  net::endpoint address;
  std::string host;
  /// With a name; an address has its own.
  std::uint16_t port = 0;
  /// The address of this host that it leaves from, refused if it is none; its port does not count.
  /// None: the system chooses. An endpoint that is bound to all addresses answers from the one that
  /// it was asked at: `{event.from, event.local}`, with the option `report_local_address`.
  net::endpoint from = {};
};

// -- commands -------------------------------------------------------------------------------------

/// One datagram: `length` bytes from `offset` on; EINVAL if there are not so many. Zero bytes are a
/// datagram, too. Answered by `sent` when the kernel has it, or by the error that kept it from
/// that: EMSGSIZE when it is too long, EACCES for a broadcast address without `set_broadcast`,
/// ENETUNREACH, ...; ENOBUFS when the send queue is full; EISCONN for a destination while
/// connected, ENOTCONN for none while not, and for an endpoint that is closed. What the network
/// loses, nobody hears of.
///
/// What one sender sends to one destination leaves in that order.
struct send {
  net::chunk bytes;
  destination to = {};
  std::uint64_t offset = 0;
  /// The highest number: all that follow.
  std::uint64_t length = UINT64_MAX;
};

/// The same with the bytes that stand for `text`, which is UTF-8. EINVAL if there are none.
struct send_text {
  std::string text;
  destination to = {};
  net::text_encoding encoding = net::text_encoding::utf8;
};

/// One datagram of several pieces, in order.
struct send_pieces {
  std::vector<net::chunk> pieces;
  destination to = {};
};

/// As so many sends, in order, at the cost of few. Answered once: by `sent` with the bytes of all
/// when the kernel has all of them, or by the first error, when it is known of all.
struct send_batch {
  std::vector<send> all;
};

/// Binds an endpoint that is not bound yet to an address of its family; EINVAL if it is.
struct bind {
  net::endpoint local;
};

/// From now on the endpoint sends to `to` and hears of nobody else. Answered when that is so; what
/// is sent without a destination until then waits. EISCONN when connected or connecting already.
struct connect {
  destination to;
};

/// Takes `connect` back; the port is kept. ENOTCONN when not connected.
struct disconnect {};

/// Becomes a member of a multicast group, an address; of all groups, only those are delivered that
/// the endpoint joined. EINVAL if it is no such group, ENODEV for an interface that there is not,
/// EADDRINUSE if it is a member already.
struct join {
  std::string group;
  /// Its name, or one of its addresses; empty: the system chooses; `*`: on every interface that can
  /// multicast.
  std::string interface = {};
  /// An address: only what this sender sends to the group (source-specific multicast, RFC 4607).
  std::string source = {};
};
/// Takes the equal `join` back; EADDRNOTAVAIL if there was none. A closed endpoint is no member.
struct leave {
  std::string group;
  std::string interface = {};
  std::string source = {};
};

/// IP_TTL, IPV6_UNICAST_HOPS: 1 to 255, else EINVAL.
struct set_ttl {
  std::int32_t hops = 64;
};
/// SO_BROADCAST: sending to broadcast addresses is allowed.
struct set_broadcast {
  bool enabled = true;
};
/// How far what is sent to a group goes: 0 to 255, else EINVAL. 0: this host, 1: this network.
struct set_multicast_ttl {
  std::int32_t hops = 1;
};
/// Whether what is sent to a group comes to this host's members, too.
struct set_multicast_loopback {
  bool enabled = true;
};
/// Where what is sent to groups leaves: an interface's name or address; empty: the system chooses.
struct set_multicast_interface {
  std::string interface;
};

/// Gives the peer at `remote` an actor of its own, as the option `sessions` has it: what comes from
/// there goes to that one's handler. The session that there is already, if there is one. ENOBUFS
/// when there are too many; EINVAL without the option, and for what is no address of a peer as
/// `datagram::from` tells it (an endpoint of IPv6 knows IPv4 as `::ffff:a.b.c.d`).
struct split_off {
  net::endpoint remote;
};

// -- answers --------------------------------------------------------------------------------------

struct sent {
  /// All of the datagram.
  std::uint64_t bytes = 0;
  /// False: this send left the queue at or above the high-water mark; one `udp_drain` follows.
  bool keep_going = true;
};

struct session {
  udp_endpoint peer;
};

enum class udp_state : std::uint8_t {
  unbound,
  connecting, ///< the name of whom to connect to is asked for
  open,       ///< bound, or connected
  closing,    ///< sending what was to be sent before `close`
  closed,
};

struct udp_info {
  /// Datagrams and their bytes, delivered to the handler.
  std::uint64_t received = 0;
  std::uint64_t bytes_received = 0;
  /// Datagrams and their bytes that the kernel has taken.
  std::uint64_t sent = 0;
  std::uint64_t bytes_sent = 0;
  /// Arrived, and dropped for want of room in the kernel's buffer. (SO_MEMINFO: the number that
  /// SO_RXQ_OVFL puts beside datagrams, but as of now.)
  std::uint64_t dropped_by_kernel = 0;
  /// Arrived, taken from the kernel, and dropped here: behind `close`, or without a session.
  std::uint64_t dropped = 0;
  /// Bytes that wait for the kernel or for the resolver, and how many datagrams they are.
  std::uint64_t buffered = 0;
  std::uint64_t datagrams_buffered = 0;
  /// Received bytes (of memory) that somebody still refers to, and how many there may be.
  std::uint64_t window_held = 0;
  std::uint64_t window_max = 0;
  /// What the kernel says: twice what was asked for. 0 while unbound.
  std::uint64_t receive_buffer_bytes = 0;
  std::uint64_t send_buffer_bytes = 0;
  /// Peers split off.
  std::uint64_t sessions = 0;
  /// What it is a member of, in the order of the joins.
  std::vector<join> groups = {};
  udp_state state = udp_state::closed;
};

// -- events ---------------------------------------------------------------------------------------

/// It is bound: once, first.
struct udp_listening {
  udp_endpoint at;
  net::endpoint local;
};

struct udp_connected {
  udp_endpoint at;
  net::endpoint local;
  net::endpoint remote;
};

/// One datagram, whole. `bytes` shares its memory with nothing but other datagrams.
struct datagram {
  udp_endpoint at;
  net::chunk bytes;
  net::endpoint from;
  /// The address it was sent to: one of this host's, a group's or a broadcast address, with the
  /// endpoint's port. Family `none` unless `report_local_address` asked for it.
  net::endpoint local = {};
  /// Index of the interface it came in by; as `local`, else 0.
  std::uint32_t interface = 0;
  /// When the kernel had it, in nanoseconds since 1970; 0 unless `report_time`.
  std::int64_t received_at_ns = 0;
  /// DSCP in the upper 6 bits, ECN in the lower 2; 0 unless `report_type_of_service`.
  std::uint8_t type_of_service = 0;
  /// Of one without bytes, for as long as a copy of the event lives: so that it counts against the
  /// receive window, too. Does not travel between nodes.
  std::shared_ptr<const void> counted = {};
};

/// In place of `datagram`, as the option `batches` has it: what came together. Never empty; `at` of
/// each is null.
struct datagrams {
  udp_endpoint at;
  std::vector<datagram> all;
};

/// Plain sends (those that were no requests), `count` of `bytes` in all, were refused or cut off;
/// `why` names the destination.
struct send_failed {
  udp_endpoint at;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  net::error why;
};

/// Something went wrong that no answer tells of: the network bounced what a connected endpoint had
/// sent (ECONNREFUSED, ...), or a `connect` failed that was no request. The endpoint goes on,
/// unless it was just opened and could not be made what its options say: then `udp_closed` follows.
struct udp_failed {
  udp_endpoint at;
  net::error why;
};

/// A peer that nobody knew has sent something, and has an actor of its own now, which was told
/// that. The first event of that one is `udp_connected`.
struct udp_accepted {
  udp_endpoint at;
  udp_endpoint peer;
  net::endpoint remote;
};

/// The send queue is empty, after a `sent` that said not to keep going. Not after `close`.
struct udp_drain {
  udp_endpoint at;
};

enum class udp_close_reason : std::uint8_t {
  closed,         ///< by `close`
  idle,           ///< a session that its peer had nothing to say to any more
  aborted,        ///< by the program's stop token
  handler_failed, ///< its handler, or an actor that was linked to it, died of an error
  failed,         ///< the socket failed for good
  parent_closed,  ///< a session whose endpoint is gone
  shut_down,      ///< the runtime ended
};

/// The last event. Every send was answered before.
struct udp_closed {
  udp_endpoint at;
  bool had_error = false;
  udp_close_reason reason = udp_close_reason::closed;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
};

} // namespace actornet
