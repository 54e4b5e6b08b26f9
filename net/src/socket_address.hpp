// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <sys/socket.h>

namespace actornet::net {

/// An endpoint as the kernel writes it.
struct socket_address {
  sockaddr_storage storage{};
  /// How many bytes of `storage` count. Set it to `sizeof storage` before a call that fills it in.
  socklen_t size = sizeof(sockaddr_storage);

  /// Of no address: AF_UNSPEC, which dissolves the association of a datagram socket (connect(2)).
  /// Of the unnamed unix socket: the bare family, for which bind(2) picks an abstract name.
  static socket_address of(const endpoint& what);

  /// Size 0 and AF_UNSPEC are no address. Fails on families that we do not know (EAFNOSUPPORT), on
  /// addresses that are cut short, and on a unix path of 108 bytes, which Linux allows and we do
  /// not.
  expected<endpoint> to_endpoint() const;

  sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

} // namespace actornet::net
