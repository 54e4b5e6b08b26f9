// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/datagram_socket.hpp>

namespace actornet::net {

/// MCAST_JOIN_GROUP or MCAST_JOIN_SOURCE_GROUP, on one interface or on all.
expected<void> join_group(int number, address_family family, const group_membership& what);
/// MCAST_LEAVE_GROUP or MCAST_LEAVE_SOURCE_GROUP.
expected<void> leave_group(int number, address_family family, const group_membership& what);

/// IP_MULTICAST_ALL and IPV6_MULTICAST_ALL off: no groups but those that this socket joined.
expected<void> hear_only_what_was_joined(int number, address_family family);
/// IP_MULTICAST_IF and IPV6_MULTICAST_IF.
expected<void> set_multicast_interface(int number, address_family family,
                                       const interface_choice& chosen);

} // namespace actornet::net
