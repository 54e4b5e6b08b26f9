// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handler.hpp>
#include <actornet/options.hpp>
#include <actornet/udp_messages.hpp>

#include <actornet/net/socket_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace actornet {

/// Peers with an actor each: what accepting is for streams.
struct udp_sessions {
  /// Whoever sends something and is not known yet gets a session with this handler, which is made
  /// for it. Where it runs, `udp_options::handlers` says.
  udp_handler handler = caf::actor();
  /// False: only who is `split_off`.
  bool accept = true;
  /// More are not made; what further peers send is told to the endpoint's own handler.
  std::size_t max = 10'000;
  /// A session is closed when nothing was received from, or sent to, its peer for this long. 0:
  /// never.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(1);
  /// Received bytes (of memory) alive at once, per session whose handler is not on the endpoint's
  /// loop; what comes beyond is dropped and counted. So a slow handler holds up nobody else. (One
  /// on the loop holds it up anyway; there the endpoint's window counts.)
  std::size_t receive_window_bytes = 64 * 1024;
};

/// How to open a UDP endpoint. Written with designators: `{.address = "udp4://0.0.0.0:5353"}`.
struct udp_options {
  /// `udp4://127.0.0.1:5353`, `udp6://[::]:0` (IPv4 as well, as `::ffff:a.b.c.d`), `udp4:` and
  /// `udp6:` (not bound yet), `fd:3` (a UDP socket).
  std::string address = "udp4:";
  /// Whom to connect to at once: `host:port`. Empty: nobody.
  std::string connect_to = {};
  /// What to join at once; binds.
  std::vector<join> groups = {};
  /// SO_REUSEADDR: several sockets on one address. Multicast reaches all, unicast the last bound.
  bool reuse_address = false;
  /// SO_REUSEPORT: the kernel shares out what comes between the sockets of one address.
  bool reuse_port = false;
  bool ipv6_only = false;
  /// 1 to 255.
  std::optional<int> ttl = std::nullopt;
  bool broadcast = false;
  /// 0 to 255.
  std::optional<int> multicast_ttl = std::nullopt;
  std::optional<bool> multicast_loopback = std::nullopt;
  /// An interface's name or address.
  std::string multicast_interface = {};
  /// DSCP in the upper 6 bits, ECN in the lower 2.
  std::optional<std::uint8_t> type_of_service = std::nullopt;
  /// SO_SNDBUF and SO_RCVBUF.
  std::optional<std::size_t> send_buffer_bytes = std::nullopt;
  std::optional<std::size_t> receive_buffer_bytes = std::nullopt;
  /// What else setsockopt(2) knows.
  std::vector<net::raw_option> raw_options = {};
  /// Datagrams come as `datagrams`, those together that arrived together.
  bool batches = false;
  /// What a `datagram` says besides its bytes and its sender; each costs a little.
  bool report_local_address = false;
  bool report_time = false;
  bool report_type_of_service = false;
  /// UDP_GRO: datagrams of one sender may come from the kernel many at once. They are told one by
  /// one, as ever. Pays where much comes from few senders.
  bool receive_offload = false;
  /// Where datagrams follow closely and nothing is sent, each may wait so long for others: then the
  /// loop looks for them by the clock, which costs less than to be woken for each few. Endpoints
  /// that answer, and those that get little, hear of each at once; an answer that another socket
  /// sends is not noticed. The kernel's buffer has to hold what comes meanwhile. 0: none waits; a
  /// second at most.
  std::chrono::microseconds coalescing = std::chrono::microseconds(50);
  /// From this much in the send queue on, a send says not to keep going. A datagram counts its
  /// bytes and 128 more.
  std::size_t high_water_mark_bytes = 256 * 1024;
  /// A send that would queue more than this fails with ENOBUFS.
  std::size_t send_queue_bytes_max = 64 * 1024 * 1024;
  /// Received bytes (of memory) alive at once before receiving stops; then the kernel drops what
  /// its buffer cannot keep, and counts it.
  std::size_t receive_window_bytes = 1024 * 1024;
  /// Nothing is sent to these, be they given or resolved: EACCES.
  net::address_list deny_sending = {};
  /// What these send is dropped, and counted.
  net::address_list deny_receiving = {};
  /// Peers that are split off; none: all comes to the endpoint's own handler.
  std::optional<udp_sessions> sessions = std::nullopt;
  placement handlers = placement::loop;
  /// Begins as after `unref`.
  bool unreferenced = false;
  /// When a stop is requested, on whatever thread, the endpoint closes at once.
  std::stop_token abort = {};
};

} // namespace actornet
