// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/datagram_socket.hpp>

#include <cerrno>
#include <string>

namespace actornet::net {

enum class membership_change { join, leave };

/// What setsockopt(2) means when it refuses to change a membership.
inline std::string membership_sentence(int number, const group_membership& what,
                                       membership_change how) {
  const bool has_source = what.source.family() != address_family::none;
  switch (number) {
  case EADDRINUSE:
    return "the group is joined already";
  case EADDRNOTAVAIL:
    if (how == membership_change::leave)
      return has_source ? "the group is not joined for this source" : "the group is not joined";
    return "the group is joined for this source already";
  case ENODEV:
    return "there is no such interface, or no route to the group";
  case ENOBUFS:
    return "there are too many groups or sources: see the sysctl net.ipv4.igmp_max_memberships";
  case EINVAL:
    if (!what.group.is_multicast())
      return "this is not a multicast address";
    return "the group is not of the socket's family, the source not of the group's, or the group "
           "is joined for all sources and for some";
  default:
    return {};
  }
}

/// The error of it, about the group.
inline error membership_refusal(int number, const group_membership& what, membership_change how) {
  auto why = error::system(number, "setsockopt", what.group);
  why.detail = membership_sentence(number, what, how);
  return why;
}

} // namespace actornet::net
