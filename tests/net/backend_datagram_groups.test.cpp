// SPDX-License-Identifier: BSD-3-Clause
// Multicast on the loopback.
#include "support/recorded_datagrams.hpp"

#include <ifaddrs.h>
#include <net/if.h>

#include <set>

using namespace actornet::net;
using namespace actornet::test;

namespace {

const auto lo = interface_choice::with_address(endpoint::loopback_ipv4(0));
const auto group4 = endpoint::ipv4({239, 1, 2, 3}, 0);
const auto other4 = endpoint::ipv4({239, 1, 2, 4}, 0);
// The loopback has no route for multicast of IPv6; another interface has, if there is one.
const auto group6 = endpoint::parse_ip("ff02::1234", 0).value();

datagram_options any(address_family family, std::uint16_t port = 0) {
  return {.family = family,
          .bind_to =
              family == address_family::ipv4 ? endpoint::any_ipv4(port) : endpoint::any_ipv6(port),
          .reuse_address = true};
}

std::string code(const expected<void>& answer) { return answer ? "" : answer.error().code(); }

interface_choice usual_interface(address_family family) {
  return family == address_family::ipv4 ? lo : interface_choice();
}

/// A socket that sends multicast by that interface.
void open_sender(io_backend& backend, recorded_datagrams& who, address_family family) {
  const bool is_ipv4 = family == address_family::ipv4;
  open_datagrams(backend, who,
                 {.family = family,
                  .bind_to = is_ipv4 ? endpoint::loopback_ipv4(0) : endpoint::any_ipv6(0),
                  .settings = {.multicast_interface = usual_interface(family)}});
}

/// Whether this host can send to the group at all.
bool can_reach(backend_world& world, const endpoint& group) {
  recorded_datagrams probe;
  open_sender(world.backend(), probe, group.family());
  probe.socket->send(text("x"), group.with_port(9), 0);
  REQUIRE(world.run_until([&] { return probe.outcomes.size() == 1; }));
  return !probe.outcomes[0].failure;
}

/// The numbers of those interfaces where groups can be joined.
std::set<unsigned> all_interfaces(backend_world& world) {
  if (world.simulation() != nullptr)
    return {1, 2};
  ifaddrs* first = nullptr;
  REQUIRE(::getifaddrs(&first) == 0);
  std::set<unsigned> found;
  for (const auto* each = first; each != nullptr; each = each->ifa_next)
    if ((each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK)) != 0)
      found.insert(::if_nametoindex(each->ifa_name));
  ::freeifaddrs(first);
  return found;
}

} // namespace

TEST_CASE("a group reaches those who joined it, and nobody else on its port", "[backend]") {
  auto family = GENERATE(address_family::ipv4, address_family::ipv6);
  ON_EVERY_BACKEND(world);
  const auto& group = family == address_family::ipv4 ? group4 : group6;
  const auto interface = usual_interface(family);
  if (!can_reach(world, group)) {
    WARN("this host has no route for multicast of IPv6: " << backend_under_test.name);
    return;
  }
  recorded_datagrams sender, first, second, stranger;
  open_sender(world.backend(), sender, family);
  open_datagrams(world.backend(), first, any(family));
  const auto port = first.local().port();
  open_datagrams(world.second_backend(), second, any(family, port));
  open_datagrams(world.second_backend(), stranger, any(family, port));
  REQUIRE(first.socket->join({group, interface}));
  REQUIRE(second.socket->join({group, interface}));
  sender.socket->send(text("news"), group.with_port(port), 1);
  REQUIRE(
      world.run_until([&] { return first.received.size() == 1 && second.received.size() == 1; }));
  CHECK(first.received[0].from.port() == sender.local().port());
  world.settle();
  CHECK(stranger.received.empty());
  REQUIRE(first.socket->leave({group, interface}));
  sender.socket->send(text("more"), group.with_port(port), 2);
  REQUIRE(world.run_until([&] { return second.received.size() == 2; }));
  world.settle();
  CHECK(first.received.size() == 1);
  CHECK(sender.failures() == 0);
}

TEST_CASE("who joined one group does not hear another", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams sender, listener, other;
  open_sender(world.backend(), sender, address_family::ipv4);
  open_datagrams(world.backend(), listener, any(address_family::ipv4));
  const auto port = listener.local().port();
  open_datagrams(world.second_backend(), other, any(address_family::ipv4, port));
  REQUIRE(listener.socket->join({group4, lo}));
  REQUIRE(other.socket->join({other4, lo}));
  sender.socket->send(text("for others"), other4.with_port(port), 1);
  sender.socket->send(text("for us"), group4.with_port(port), 2);
  REQUIRE(world.run_until([&] { return listener.received.size() == 1; }));
  CHECK(listener.received[0].bytes.view() == "for us");
}

TEST_CASE("a group can be heard from one source alone", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams sender, listener;
  open_sender(world.backend(), sender, address_family::ipv4);
  open_datagrams(world.backend(), listener, any(address_family::ipv4));
  const auto where = group4.with_port(listener.local().port());
  const auto stranger = endpoint::ipv4({127, 0, 0, 99}, 0);
  REQUIRE(listener.socket->join({group4, lo, stranger}));
  sender.socket->send(text("filtered"), where, 1);
  world.settle();
  CHECK(listener.received.empty());
  REQUIRE(listener.socket->join({group4, lo, endpoint::loopback_ipv4(0)}));
  CHECK(code(listener.socket->join({group4, lo, endpoint::loopback_ipv4(0)})) == "EADDRNOTAVAIL");
  sender.socket->send(text("heard"), where, 2);
  REQUIRE(world.run_until([&] { return listener.received.size() == 1; }));
  REQUIRE(listener.socket->leave({group4, lo, endpoint::loopback_ipv4(0)}));
  CHECK(code(listener.socket->leave({group4, lo, endpoint::loopback_ipv4(0)})) == "EADDRNOTAVAIL");
  sender.socket->send(text("filtered again"), where, 3);
  world.settle();
  CHECK(listener.received.size() == 1);
}

TEST_CASE("a group of IPv4 can be joined by a socket of IPv6", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams sender, listener;
  open_sender(world.backend(), sender, address_family::ipv4);
  open_datagrams(world.backend(), listener, any(address_family::ipv6));
  REQUIRE(listener.socket->join({group4, lo}));
  sender.socket->send(text("x"), group4.with_port(listener.local().port()), 1);
  REQUIRE(world.run_until([&] { return listener.received.size() == 1; }));
  CHECK(listener.received[0].from.is_ipv4_mapped());
  REQUIRE(listener.socket->leave({group4, lo}));
}

TEST_CASE("who joins a group on all interfaces has joined it on each", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams everywhere, one_by_one;
  open_datagrams(world.backend(), everywhere, any(address_family::ipv4));
  open_datagrams(world.backend(), one_by_one, any(address_family::ipv4));
  REQUIRE(everywhere.socket->join({group4, interface_choice::all()}));
  const auto interfaces = all_interfaces(world);
  REQUIRE(interfaces.count(1) == 1);
  for (const auto index : interfaces) {
    CAPTURE(index);
    const auto one = interface_choice::numbered(index);
    if (one_by_one.socket->join({group4, one})) // else this one takes no group of IPv4
      CHECK(code(everywhere.socket->join({group4, one})) == "EADDRINUSE");
  }
}

TEST_CASE("a group can be joined on all interfaces", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams sender, listener;
  open_sender(world.backend(), sender, address_family::ipv4);
  open_datagrams(world.backend(), listener, any(address_family::ipv4));
  // One of them before: the others are joined nevertheless.
  REQUIRE(listener.socket->join({group4, interface_choice::numbered(1)}));
  CHECK(code(listener.socket->join({group4, interface_choice::numbered(1)})) == "EADDRINUSE");
  static_cast<void>(listener.socket->join({group4, interface_choice::all()}));
  CHECK(code(listener.socket->join({group4, interface_choice::all()})) == "EADDRINUSE");
  sender.socket->send(text("x"), group4.with_port(listener.local().port()), 1);
  REQUIRE(world.run_until([&] { return listener.received.size() == 1; }));
  REQUIRE(listener.socket->leave({group4, interface_choice::all()}));
  CHECK(code(listener.socket->leave({group4, interface_choice::all()})) == "EADDRNOTAVAIL");
}

TEST_CASE("wrong use of groups is refused with the kernel's errno", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here;
  open_datagrams(world.backend(), here, any(address_family::ipv4));
  auto join = [&](const group_membership& what) {
    auto answer = here.socket->join(what);
    CHECK((answer || answer.error().syscall == "setsockopt"));
    CHECK((answer || answer.error().address == what.group.address()));
    return code(answer);
  };
  CHECK(join({endpoint::loopback_ipv4(0), lo}) == "EINVAL");
  CHECK(join({group6, lo}) == "EINVAL");
  CHECK(join({group4, interface_choice::named("no-such-thing")}) == "ENODEV");
  CHECK(join({group4, interface_choice::numbered(99999)}) == "ENODEV");
  CHECK(join({group4, interface_choice::with_address(endpoint::ipv4({203, 0, 113, 9}, 0))}) ==
        "ENODEV");
  CHECK(join({group4, lo, endpoint::loopback_ipv6(0)}) == "EINVAL");
  CHECK(join({group4, lo}) == "");
  CHECK(join({group4, lo}) == "EADDRINUSE");
  CHECK(here.socket->join({group4, lo}).error().message() != "address already in use");
  CHECK(code(here.socket->leave({other4, lo})) == "EADDRNOTAVAIL");
  CHECK(code(here.socket->leave({endpoint::loopback_ipv4(0), lo})) == "EINVAL");
}

TEST_CASE("the interface that multicast leaves by must exist", "[backend]") {
  auto family = GENERATE(address_family::ipv4, address_family::ipv6);
  ON_EVERY_BACKEND(world);
  recorded_datagrams here;
  open_datagrams(world.backend(), here, any(family));
  auto set = [&](const interface_choice& which) {
    return code(here.socket->set({.multicast_interface = which}));
  };
  CHECK(set(lo) == "");
  CHECK(set({}) == "");
  CHECK(set(interface_choice::numbered(1)) == "");
  CHECK(set(interface_choice::named("no-such-thing")) == "ENODEV");
  CHECK(set(interface_choice::with_address(endpoint::ipv4({203, 0, 113, 9}, 0))) ==
        "EADDRNOTAVAIL");
  CHECK(set(interface_choice::all()) == "EINVAL");
}

TEST_CASE("numbers of hops are kept within their bounds", "[backend]") {
  auto family = GENERATE(address_family::ipv4, address_family::ipv6);
  ON_EVERY_BACKEND(world);
  recorded_datagrams here;
  open_datagrams(world.backend(), here, any(family));
  CHECK(code(here.socket->set({.ttl = 1})) == "");
  CHECK(code(here.socket->set({.ttl = 255})) == "");
  CHECK(code(here.socket->set({.ttl = 0})) == "EINVAL");
  CHECK(code(here.socket->set({.ttl = 256})) == "EINVAL");
  CHECK(code(here.socket->set({.ttl = -1})) == "EINVAL");
  CHECK(code(here.socket->set({.multicast_ttl = 0})) == "");
  CHECK(code(here.socket->set({.multicast_ttl = 255})) == "");
  CHECK(code(here.socket->set({.multicast_ttl = 256})) == "EINVAL");
  CHECK(code(here.socket->set({.multicast_ttl = -1})) == "EINVAL");
  CHECK(code(here.socket->set({.multicast_loopback = false})) == "");
}
