// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actornet::net {

/// How an address is to be used.
enum class scheme : std::uint8_t { tcp, unix_socket, udp4, udp6, descriptor };

/// What a program or a person writes to say where to listen or connect. Not yet an endpoint: the
/// host may be a name that has to be resolved, `*`, or there may be a descriptor instead.
///
/// Texts: `tcp://127.0.0.1:8080`, `tcp://[::1]:0`, `tcp://localhost:8080`, `tcp://*:8080`,
/// `unix:/run/x.sock`, `unix:@abstract-name`, `udp4://0.0.0.0:41234`, `udp6://[::]:0`, `udp4:`
/// and `udp6:` (unbound), `fd:3`.
struct address {
  scheme use = scheme::tcp;
  /// Host name, numeric address without brackets (as `endpoint` prints it), or `*`; empty with
  /// unix, descriptor, unbound.
  std::string host;
  std::uint16_t port = 0;
  /// Set with `unix_socket`.
  endpoint unix_end;
  /// Set with `descriptor`, else -1.
  int descriptor = -1;

  /// Refuses every malformed text with a sentence that says why and what would be right. Host
  /// names are letters, digits, '-' and '_' in labels of 1 to 63 bytes, at most 253 bytes
  /// (RFC 1123 section 2.1); one that ends in a number has to be an IPv4 address. udp4 and udp6
  /// take numeric addresses of their own family only. `unix:` and `unix:@` need a name here.
  static expected<address> parse(std::string_view text);

  /// The endpoint, when no resolver is needed: numeric hosts and unix sockets. `*` is `[::]`,
  /// with udp4 `0.0.0.0`.
  std::optional<endpoint> numeric() const;

  friend bool operator==(const address&, const address&) = default;
};

/// The text that `parse` reads back to an equal address.
std::string to_string(const address& what);

} // namespace actornet::net
