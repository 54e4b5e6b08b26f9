// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

namespace actornet::net::simulation {

/// What travels: `::ffff:a.b.c.d` is IPv4, and who connects to the wildcard means the loopback.
endpoint on_the_wire(const endpoint& remote);

/// What a socket of `family` calls an end: an IPv6 socket knows IPv4 ends as `::ffff:a.b.c.d`.
endpoint as_seen_by(address_family family, const endpoint& wire);

/// Whether who listens at `local` gets connects to `wire`.
bool covers(const endpoint& local, bool ipv6_only, const endpoint& wire);

/// Whether two sockets would get the same.
bool overlap(const endpoint& left, bool left_ipv6_only, const endpoint& right,
             bool right_ipv6_only);

/// Where this host sends from when it is free to choose; addresses for documentation otherwise.
endpoint own_address(const endpoint& wire);

} // namespace actornet::net::simulation
