// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace actornet::net {

/// SO_KEEPALIVE and its numbers, tcp(7). What is 0, or below one second, keeps the system's value.
struct keep_alive_options {
  bool enabled = true;
  /// Silence before the first probe (TCP_KEEPIDLE); in whole seconds, as the next.
  std::chrono::milliseconds delay{0};
  /// Between probes (TCP_KEEPINTVL).
  std::chrono::milliseconds interval{0};
  /// So many without an answer, and the connection breaks with ETIMEDOUT (TCP_KEEPCNT).
  int probes = 0;

  friend bool operator==(const keep_alive_options&, const keep_alive_options&) = default;
};

/// An option of setsockopt(2) that has no name here. What the kernel says of it is told.
struct raw_option {
  int level = 0;
  int name = 0;
  std::vector<std::byte> value;

  /// Most options are an int.
  static raw_option of(int level, int name, int value) {
    raw_option result{level, name, std::vector<std::byte>(sizeof(value))};
    std::memcpy(result.value.data(), &value, sizeof(value));
    return result;
  }

  friend bool operator==(const raw_option&, const raw_option&) = default;
};

/// What to set on a stream socket, before or after it is connected. What is not given is left as it
/// is. Unix sockets ignore what only TCP has.
struct socket_options {
  /// TCP_NODELAY.
  std::optional<bool> no_delay = std::nullopt;
  std::optional<keep_alive_options> keep_alive = std::nullopt;
  /// IP_TOS, and IPV6_TCLASS with it: the upper 6 bits are the DSCP of RFC 2474. The kernel keeps
  /// the lower 2, ECN, to itself.
  std::optional<std::uint8_t> type_of_service = std::nullopt;
  /// SO_SNDBUF, SO_RCVBUF, socket(7): Linux doubles them, keeps them within the system's limits,
  /// and no longer sizes the buffers by itself. To count for the window of TCP, the receive buffer
  /// has to be set before the handshake.
  std::optional<std::size_t> send_buffer_bytes = std::nullopt;
  std::optional<std::size_t> receive_buffer_bytes = std::nullopt;
  /// TCP_USER_TIMEOUT: how long bytes may stay unacknowledged until the connection breaks with
  /// ETIMEDOUT; 0: as long as the system's number of retransmissions takes.
  std::optional<std::chrono::milliseconds> user_timeout = std::nullopt;
  std::vector<raw_option> raw = {};

  friend bool operator==(const socket_options&, const socket_options&) = default;
};

} // namespace actornet::net
