// SPDX-License-Identifier: BSD-3-Clause
#include "socket_group_calls.hpp"

#include "kernel_interfaces.hpp"
#include "membership_refusal.hpp"
#include "socket_address.hpp"
#include "socket_option_calls.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace actornet::net {

namespace {

int level_of(const endpoint& group) noexcept {
  return group.family() == address_family::ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

struct verbs {
  membership_change how;
  int any_source;
  int one_source;
};

tl::unexpected<error> refuse(int number, const group_membership& what, const verbs& how) {
  return fail(membership_refusal(number, what, how.how));
}

bool fits(address_family family, const group_membership& what) {
  const auto group = what.group.unmapped();
  const auto source = what.source.unmapped();
  const bool is_of_socket =
      family == address_family::ipv6 || group.family() == address_family::ipv4;
  return group.is_multicast() && is_of_socket &&
         (source.family() == address_family::none || source.family() == group.family());
}

expected<void> change_on(int number, const group_membership& what, const verbs& how, int index) {
  const auto group = what.group.unmapped();
  const auto source = what.source.unmapped();
  int done = 0;
  if (source.family() == address_family::none) {
    group_req request{};
    request.gr_interface = static_cast<std::uint32_t>(index);
    request.gr_group = socket_address::of(group.with_port(0)).storage;
    done = ::setsockopt(number, level_of(group), how.any_source, &request, sizeof request);
  } else {
    group_source_req request{};
    request.gsr_interface = static_cast<std::uint32_t>(index);
    request.gsr_group = socket_address::of(group.with_port(0)).storage;
    request.gsr_source = socket_address::of(source.with_port(0)).storage;
    done = ::setsockopt(number, level_of(group), how.one_source, &request, sizeof request);
  }
  if (done == 0)
    return {};
  return refuse(errno, what, how);
}

expected<void> change_on_all(int number, const group_membership& what, const verbs& how) {
  auto all = multicast_interfaces();
  if (!all)
    return fail(all.error());
  expected<void> result = refuse(ENODEV, what, how);
  bool done_somewhere = false;
  for (int index : *all) {
    auto done = change_on(number, what, how, index);
    done_somewhere = done_somewhere || done;
    result = std::move(done);
  }
  return done_somewhere ? expected<void>() : result;
}

expected<void> change(int number, address_family family, const group_membership& what,
                      const verbs& how) {
  if (!fits(family, what))
    return refuse(EINVAL, what, how);
  if (what.interface.how() == interface_choice::kind::all)
    return change_on_all(number, what, how);
  auto index = interface_index(what.interface, ENODEV);
  if (!index)
    return fail(index.error().at(what.group));
  // A group of link-local scope may name its interface itself: ff02::1%eth0.
  if (*index == 0 && what.group.scope_id() != 0)
    index = static_cast<int>(what.group.scope_id());
  return change_on(number, what, how, *index);
}

} // namespace

expected<void> join_group(int number, address_family family, const group_membership& what) {
  return change(number, family, what,
                {membership_change::join, MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP});
}

expected<void> leave_group(int number, address_family family, const group_membership& what) {
  return change(number, family, what,
                {membership_change::leave, MCAST_LEAVE_GROUP, MCAST_LEAVE_SOURCE_GROUP});
}

// For IPv6 since Linux 4.20.
expected<void> hear_only_what_was_joined(int number, address_family family) {
  if (family == address_family::ipv6) {
    auto set = set_option(number, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0, "IPV6_MULTICAST_ALL");
    if (!set && set.error().number != ENOPROTOOPT)
      return set;
  }
  return set_option(number, IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL");
}

expected<void> set_multicast_interface(int number, address_family family,
                                       const interface_choice& chosen) {
  auto index = interface_index(chosen, EADDRNOTAVAIL);
  if (!index)
    return fail(index.error());
  if (family == address_family::ipv6)
    if (auto set = set_option(number, IPPROTO_IPV6, IPV6_MULTICAST_IF, *index, "IPV6_MULTICAST_IF");
        !set)
      return set;
  ip_mreqn request{};
  request.imr_ifindex = *index;
  // What an unbound socket sends is then from this address, as in Node.
  if (chosen.how() == interface_choice::kind::address &&
      chosen.address().family() == address_family::ipv4)
    std::memcpy(&request.imr_address, chosen.address().bytes().data(), sizeof request.imr_address);
  if (::setsockopt(number, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) != 0)
    return fail(error::system(errno, "setsockopt"));
  return {};
}

} // namespace actornet::net
