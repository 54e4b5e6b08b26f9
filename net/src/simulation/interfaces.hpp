// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "wire_address.hpp"

#include <actornet/net/interface_choice.hpp>

#include <cerrno>
#include <cstdint>
#include <vector>

namespace actornet::net::simulation {

// A simulated host has two interfaces, with the addresses of `own_address`.
constexpr std::uint32_t loopback_index = 1; // lo
constexpr std::uint32_t network_index = 2;  // eth0, where the system sends multicast

/// The errno, negative, or the index; the system's choice is 0.
inline int index_of(const interface_choice& what, int unknown_address) {
  switch (what.how()) {
  case interface_choice::kind::system:
    break;
  case interface_choice::kind::all:
    return -EINVAL;
  case interface_choice::kind::name:
    return what.name() == "lo" ? 1 : what.name() == "eth0" ? 2 : -ENODEV;
  case interface_choice::kind::index:
    return what.index() <= network_index ? static_cast<int>(what.index()) : -ENODEV;
  case interface_choice::kind::address:
    if (what.address().is_loopback())
      return 1;
    return own_address(what.address()) == what.address() ? 2 : -unknown_address;
  }
  return 0;
}

inline std::vector<int> all_indices() { return {1, 2}; }

/// The address that a host has on an interface.
inline endpoint address_on(std::uint32_t index, address_family family) {
  if (index == loopback_index)
    return family == address_family::ipv4 ? endpoint::loopback_ipv4(0) : endpoint::loopback_ipv6(0);
  return own_address(family == address_family::ipv4 ? endpoint::any_ipv4(0)
                                                    : endpoint::any_ipv6(0));
}

/// As it travels.
inline bool is_own_address(const endpoint& wire) {
  return wire.is_loopback() || own_address(wire) == wire.with_port(0);
}

} // namespace actornet::net::simulation
