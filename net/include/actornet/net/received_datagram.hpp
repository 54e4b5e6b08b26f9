// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace actornet::net {

/// A datagram as it came in, whole.
struct received_datagram {
  /// The time of the system's clock, as the kernel stamps what it receives.
  using time_stamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

  /// May be empty. Shares its memory with others of its batch, a few KiB of small ones, up to
  /// 64 KiB of those that came in one piece (`datagram_options::receive_offload`).
  chunk bytes;
  /// On a socket of IPv6, senders of IPv4 are `::ffff:a.b.c.d`.
  endpoint from;

  // Only if asked for (`datagram_reports`).

  /// The address that it was sent to: one of this host, a group, or a broadcast address; the port
  /// is 0. Else of family `none`.
  endpoint local = {};
  /// The index of the interface that it came in by; else 0.
  std::uint32_t interface = 0;
  std::optional<time_stamp> received_at = std::nullopt;
  std::optional<std::uint8_t> type_of_service = std::nullopt;
};

} // namespace actornet::net
