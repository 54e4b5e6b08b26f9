// SPDX-License-Identifier: BSD-3-Clause
#include "socket_datagram_calls.hpp"

#include "socket_address.hpp"
#include "socket_calls.hpp"
#include "socket_group_calls.hpp"
#include "socket_option_calls.hpp"

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace actornet::net {

namespace {

bool is_ipv6(address_family family) noexcept { return family == address_family::ipv6; }

/// An option of IP, and what IPv6 calls it.
struct twin_option {
  int ipv4;
  int ipv6;
  std::string_view ipv4_name;
  std::string_view ipv6_name;
};

constexpr twin_option unicast_ttl{IP_TTL, IPV6_UNICAST_HOPS, "IP_TTL", "IPV6_UNICAST_HOPS"};
constexpr twin_option multicast_ttl{IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, "IP_MULTICAST_TTL",
                                    "IPV6_MULTICAST_HOPS"};
constexpr twin_option loopback{IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, "IP_MULTICAST_LOOP",
                               "IPV6_MULTICAST_LOOP"};
constexpr twin_option service{IP_TOS, IPV6_TCLASS, "IP_TOS", "IPV6_TCLASS"};
constexpr twin_option service_report{IP_RECVTOS, IPV6_RECVTCLASS, "IP_RECVTOS", "IPV6_RECVTCLASS"};

// A socket of IPv6 may carry IPv4 as well, which has its own.
expected<void> set_both(int number, address_family family, const twin_option& which, int value) {
  if (is_ipv6(family))
    if (auto set = set_option(number, IPPROTO_IPV6, which.ipv6, value, which.ipv6_name); !set)
      return set;
  return set_option(number, IPPROTO_IP, which.ipv4, value, which.ipv4_name);
}

expected<void> set_multicast(int number, address_family family, const datagram_settings& chosen) {
  if (chosen.multicast_ttl)
    if (auto set = set_both(number, family, multicast_ttl, *chosen.multicast_ttl); !set)
      return set;
  if (chosen.multicast_loopback)
    if (auto set = set_both(number, family, loopback, *chosen.multicast_loopback); !set)
      return set;
  if (chosen.multicast_interface)
    return set_multicast_interface(number, family, *chosen.multicast_interface);
  return {};
}

// -1 would mean "as the system has it" to some, and an error to others.
expected<void> check_ttl(const std::optional<int>& value, int least, std::string_view what) {
  if (!value || (*value >= least && *value <= 255))
    return {};
  auto why = error::system(EINVAL, "setsockopt");
  why.detail = std::string(what) + " must be " + std::to_string(least) + " to 255";
  return fail(std::move(why));
}

expected<void> set_reports(int number, const opened_datagram& wanted) {
  const auto family = wanted.family;
  if (wanted.reports.local_address) {
    auto set = is_ipv6(family)
                   ? set_option(number, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO")
                   : set_option(number, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
    if (!set)
      return set;
  }
  if (wanted.reports.timestamp)
    if (auto set = set_option(number, SOL_SOCKET, SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS"); !set)
      return set;
  if (wanted.reports.type_of_service)
    return set_both(number, family, service_report, 1);
  return {};
}

// Linux 5.0; without it, nothing is lost but speed.
bool receives_offloaded(int number) noexcept {
  int on = 1;
  return ::setsockopt(number, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
}

expected<void> prepare(int number, opened_datagram& made, const datagram_options& chosen) {
  if (auto set = hear_only_what_was_joined(number, made.family); !set)
    return set;
  if (auto set = set_datagram(number, made.family, chosen.settings); !set)
    return set;
  made.reports = chosen.reports;
  if (auto set = set_reports(number, made); !set)
    return set;
  made.receive_offload = chosen.receive_offload && receives_offloaded(number);
  return {};
}

expected<void> prepare_to_bind(int number, const datagram_options& chosen) {
  if (is_ipv6(chosen.family))
    if (auto set = set_option(number, IPPROTO_IPV6, IPV6_V6ONLY, chosen.ipv6_only, "IPV6_V6ONLY");
        !set)
      return set;
  if (chosen.reuse_address)
    if (auto set = set_option(number, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"); !set)
      return set;
  if (chosen.reuse_port)
    return set_option(number, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
  return {};
}

expected<void> check_families(const datagram_options& chosen) {
  if (chosen.family != address_family::ipv4 && chosen.family != address_family::ipv6)
    return fail(error::system(EAFNOSUPPORT, "socket"));
  if (chosen.bind_to.family() == address_family::none || chosen.bind_to.family() == chosen.family)
    return {};
  auto why = error::system(EINVAL, "bind", chosen.bind_to);
  why.detail =
      "the address is not of the socket's family, " + std::string(to_string(chosen.family));
  return fail(std::move(why));
}

expected<address_family> family_of(int number) {
  auto type = int_option(number, SOL_SOCKET, SO_TYPE);
  if (!type)
    return fail(type.error());
  if (*type != SOCK_DGRAM)
    return fail(wrong_kind("getsockopt", "the descriptor is not a datagram socket"));
  auto domain = int_option(number, SOL_SOCKET, SO_DOMAIN);
  if (!domain)
    return fail(domain.error());
  if (*domain == AF_INET)
    return address_family::ipv4;
  if (*domain == AF_INET6)
    return address_family::ipv6;
  return fail(
      wrong_kind("getsockopt", "the descriptor is a datagram socket, but not of IPv4 or IPv6"));
}

expected<void> make_non_blocking(int number) {
  int flags = ::fcntl(number, F_GETFL);
  if (flags < 0 || ::fcntl(number, F_SETFL, flags | O_NONBLOCK) != 0)
    return fail(error::system(errno, "fcntl"));
  return {};
}

} // namespace

expected<opened_datagram> open_kernel_datagram(const datagram_options& chosen) {
  if (auto fits = check_families(chosen); !fits)
    return fail(fits.error());
  int number = ::socket(is_ipv6(chosen.family) ? AF_INET6 : AF_INET,
                        SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (number < 0)
    return fail(error::system(errno, "socket", chosen.bind_to));
  opened_datagram made{descriptor(number, kernel_descriptors()), chosen.family, {}, {}, {}, false};
  if (auto done = prepare_to_bind(number, chosen); !done)
    return fail(done.error().at(chosen.bind_to));
  if (auto done = prepare(number, made, chosen); !done)
    return fail(done.error().at(chosen.bind_to));
  if (chosen.bind_to.family() != address_family::none)
    if (auto bound = bind_datagram(number, chosen.bind_to); !bound)
      return fail(bound.error());
  auto local = local_endpoint(number);
  if (!local)
    return fail(local.error());
  made.local = std::move(*local);
  return made;
}

expected<opened_datagram> adopt_kernel_datagram(int number, const datagram_options& chosen) {
  auto family = family_of(number);
  if (!family)
    return fail(family.error());
  opened_datagram made{{}, *family, {}, {}, {}, false};
  if (auto done = make_non_blocking(number); !done)
    return fail(done.error());
  if (auto done = prepare(number, made, chosen); !done)
    return fail(done.error());
  auto local = local_endpoint(number);
  if (!local)
    return fail(local.error());
  made.local = std::move(*local);
  auto remote = remote_endpoint(number);
  if (!remote && remote.error().number != ENOTCONN)
    return fail(remote.error());
  made.remote = std::move(remote).value_or(endpoint());
  made.socket = descriptor(number, kernel_descriptors());
  return made;
}

expected<void> set_datagram(int number, address_family family, const datagram_settings& chosen) {
  if (auto fits = check_ttl(chosen.ttl, 1, "the time to live"); !fits)
    return fits;
  if (auto fits = check_ttl(chosen.multicast_ttl, 0, "the time to live of multicast"); !fits)
    return fits;
  if (chosen.ttl)
    if (auto set = set_both(number, family, unicast_ttl, *chosen.ttl); !set)
      return set;
  if (chosen.broadcast)
    if (auto set = set_option(number, SOL_SOCKET, SO_BROADCAST, *chosen.broadcast, "SO_BROADCAST");
        !set)
      return set;
  if (auto set = set_multicast(number, family, chosen); !set)
    return set;
  if (chosen.type_of_service)
    if (auto set = set_both(number, family, service, *chosen.type_of_service); !set)
      return set;
  return set_options(number, {.send_buffer_bytes = chosen.send_buffer_bytes,
                              .receive_buffer_bytes = chosen.receive_buffer_bytes,
                              .raw = chosen.raw});
}

expected<void> bind_datagram(int number, const endpoint& where) {
  auto to = socket_address::of(where);
  if (::bind(number, to.data(), to.size) != 0)
    return fail(error::system(errno, "bind", where));
  return {};
}

endpoint reachable_from(address_family family, const endpoint& remote) {
  if (!is_ipv6(family) || remote.family() != address_family::ipv4)
    return remote;
  endpoint::ipv6_bytes mapped{};
  mapped[10] = mapped[11] = 0xff;
  std::copy_n(remote.bytes().begin(), 4, mapped.begin() + 12);
  return endpoint::ipv6(mapped, remote.port());
}

std::uint32_t dropped_datagrams(int number) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
  socklen_t size = sizeof numbers;
  if (::getsockopt(number, SOL_SOCKET, SO_MEMINFO, numbers.data(), &size) != 0)
    return 0;
  return numbers[SK_MEMINFO_DROPS];
}

} // namespace actornet::net
