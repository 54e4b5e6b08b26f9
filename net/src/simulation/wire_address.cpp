// SPDX-License-Identifier: BSD-3-Clause
#include "wire_address.hpp"

#include <algorithm>

namespace actornet::net::simulation {

endpoint on_the_wire(const endpoint& remote) {
  auto plain = remote.unmapped();
  if (!plain.is_wildcard())
    return plain;
  return plain.family() == address_family::ipv4 ? endpoint::loopback_ipv4(plain.port())
                                                : endpoint::loopback_ipv6(plain.port());
}

endpoint as_seen_by(address_family family, const endpoint& wire) {
  if (family != address_family::ipv6 || wire.family() != address_family::ipv4)
    return wire;
  endpoint::ipv6_bytes mapped{};
  mapped[10] = mapped[11] = 0xff;
  std::copy_n(wire.bytes().begin(), 4, mapped.begin() + 12);
  return endpoint::ipv6(mapped, wire.port());
}

bool covers(const endpoint& local, bool ipv6_only, const endpoint& wire) {
  if (local.unmapped() == wire)
    return true;
  if (!local.is_wildcard() || local.port() != wire.port())
    return false;
  return local.family() == wire.family() || (local.family() == address_family::ipv6 &&
                                             wire.family() == address_family::ipv4 && !ipv6_only);
}

bool overlap(const endpoint& left, bool left_ipv6_only, const endpoint& right,
             bool right_ipv6_only) {
  if (left.is_wildcard() && right.is_wildcard() && left.port() == right.port())
    return left.family() == right.family() ||
           !(left.family() == address_family::ipv6 ? left_ipv6_only : right_ipv6_only);
  return covers(left, left_ipv6_only, right.unmapped()) ||
         covers(right, right_ipv6_only, left.unmapped());
}

endpoint own_address(const endpoint& wire) {
  if (wire.family() == address_family::ipv4)
    return wire.is_loopback() ? endpoint::loopback_ipv4(0) : endpoint::ipv4({192, 0, 2, 1}, 0);
  if (wire.is_loopback())
    return endpoint::loopback_ipv6(0);
  return endpoint::ipv6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);
}

} // namespace actornet::net::simulation
