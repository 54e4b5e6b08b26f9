// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/descriptor.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/interface_choice.hpp>
#include <actornet/net/socket_options.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace actornet::net {

/// What to set on a datagram socket, at any time: ip(7), ipv6(7), socket(7). What is not given is
/// left as it is. A socket of IPv6 that may carry IPv4 gets both.
struct datagram_settings {
  /// IP_TTL and IPV6_UNICAST_HOPS, 1 to 255.
  std::optional<int> ttl = std::nullopt;
  /// SO_BROADCAST: without it the kernel refuses to send to a broadcast address (EACCES).
  std::optional<bool> broadcast = std::nullopt;
  /// IP_MULTICAST_TTL and IPV6_MULTICAST_HOPS, 0 to 255; the kernel begins with 1, this network.
  std::optional<int> multicast_ttl = std::nullopt;
  /// IP_MULTICAST_LOOP of the sender: whether sockets of this host get what it sends to a group.
  std::optional<bool> multicast_loopback = std::nullopt;
  /// Where multicast leaves: IP_MULTICAST_IF. ENODEV for a name or an index that there is not,
  /// EADDRNOTAVAIL for an address that no interface has; EINVAL for all interfaces.
  std::optional<interface_choice> multicast_interface = std::nullopt;
  /// IP_TOS and IPV6_TCLASS: DSCP in the upper 6 bits, ECN in the lower 2.
  std::optional<std::uint8_t> type_of_service = std::nullopt;
  /// SO_SNDBUF, SO_RCVBUF: Linux doubles them and keeps them within the system's limits.
  std::optional<std::size_t> send_buffer_bytes = std::nullopt;
  std::optional<std::size_t> receive_buffer_bytes = std::nullopt;
  std::vector<raw_option> raw = {};

  friend bool operator==(const datagram_settings&, const datagram_settings&) = default;
};

/// What is to be told of each datagram besides its bytes and its sender. Each costs a little.
struct datagram_reports {
  /// The address that it was sent to, and the interface that it came in by.
  bool local_address = false;
  /// When the kernel received it (SO_TIMESTAMPNS).
  bool timestamp = false;
  /// The byte with DSCP and ECN.
  bool type_of_service = false;

  friend bool operator==(const datagram_reports&, const datagram_reports&) = default;
};

/// How to make a datagram socket. Everything is set before it is bound.
struct datagram_options {
  /// `ipv4` or `ipv6`; EAFNOSUPPORT for others.
  address_family family = address_family::ipv4;
  /// Where to bind, of that family (else EINVAL); none: not yet. Port 0: the kernel chooses.
  endpoint bind_to = {};
  /// SO_REUSEADDR: for UDP, several sockets on one address; multicast reaches all, unicast the
  /// last.
  bool reuse_address = false;
  /// SO_REUSEPORT: several sockets on one address; the kernel balances unicast between them.
  bool reuse_port = false;
  /// `[::]` without IPv4.
  bool ipv6_only = false;
  datagram_settings settings = {};
  datagram_reports reports = {};
  /// UDP_GRO: the kernel may hand over many datagrams of one sender at once, if they are of one
  /// size; they are told one by one, as ever. Many share a block of memory then. Pays where much
  /// comes from few senders. Ignored where the kernel has none.
  bool receive_offload = false;
};

/// A datagram socket that no loop serves yet. May move between threads.
struct opened_datagram {
  descriptor socket;
  address_family family = address_family::ipv4;
  /// Port 0 if it is not bound.
  endpoint local;
  /// Family `none` if it is not connected.
  endpoint remote;
  datagram_reports reports;
  bool receive_offload = false;
};

} // namespace actornet::net
