// SPDX-License-Identifier: BSD-3-Clause
// Where datagram sockets are bound, and to whom they are connected.
#include "support/recorded_datagrams.hpp"

#include <algorithm>
#include <cerrno>

using namespace actornet::net;
using namespace actornet::test;

namespace {

endpoint mapped(std::uint16_t port) {
  return endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, port);
}

const endpoint nowhere;

} // namespace

TEST_CASE("a datagram socket is bound where it was asked to be", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto where = GENERATE(endpoint::loopback_ipv4(0), endpoint::any_ipv4(0),
                        endpoint::loopback_ipv6(0), endpoint::any_ipv6(0));
  auto opened = world.backend().open_datagram({.family = where.family(), .bind_to = where});
  REQUIRE(opened);
  CHECK(opened->local.with_port(0) == where);
  CHECK(opened->local.port() != 0);
  CHECK(opened->family == where.family());
  CHECK(opened->remote == nowhere);
  auto again = world.backend().open_datagram({.family = where.family(), .bind_to = opened->local});
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == "EADDRINUSE");
  CHECK(again.error().syscall == "bind");
  CHECK(again.error().port == opened->local.port());
}

TEST_CASE("a socket that is not bound yet is bound by its first send", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here, {});
  open_datagrams(world.second_backend(), there);
  CHECK(here.local() == endpoint::any_ipv4(0));
  // What is set meanwhile is not lost.
  REQUIRE(here.socket->set({.broadcast = true, .receive_buffer_bytes = 30000}));
  here.socket->send(text("x"), there.local(), 1);
  REQUIRE(world.run_until([&] { return there.received.size() == 1 && here.outcomes.size() == 1; }));
  CHECK(here.local().port() != 0);
  CHECK(here.local().is_wildcard());
  CHECK(there.received[0].from == endpoint::loopback_ipv4(here.local().port()));
  CHECK(here.socket->receive_buffer_bytes() == 60000);
  there.socket->send(text("y"), there.received[0].from, 1);
  REQUIRE(world.run_until([&] { return here.received.size() == 1; }));
}

TEST_CASE("a socket can be bound later, once", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here;
  open_datagrams(world.backend(), here, {});
  REQUIRE(here.socket->bind(endpoint::loopback_ipv4(0)));
  CHECK(here.local().port() != 0);
  auto again = here.socket->bind(endpoint::loopback_ipv4(0));
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == "EINVAL");
  CHECK(again.error().syscall == "bind");
}

TEST_CASE("families that cannot be are refused", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto odd = world.backend().open_datagram({.family = address_family::unix_socket});
  REQUIRE_FALSE(odd);
  CHECK(odd.error().code() == "EAFNOSUPPORT");
  CHECK(odd.error().syscall == "socket");
  auto mixed = world.backend().open_datagram(
      {.family = address_family::ipv6, .bind_to = endpoint::loopback_ipv4(1)});
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().code() == "EINVAL");
  CHECK(mixed.error().syscall == "bind");
  CHECK(mixed.error().port == 1);
}

TEST_CASE("without descriptors no datagram socket can be opened", "[backend]") {
  ON_EVERY_BACKEND(world);
  world.forbid_descriptors(true);
  auto opened = world.backend().open_datagram({});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == "EMFILE");
  CHECK(opened.error().syscall == "socket");
}

TEST_CASE("several sockets on one port share it by reuse_port", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams first, second, sender;
  open_datagrams(world.backend(), first,
                 {.bind_to = endpoint::loopback_ipv4(0), .reuse_port = true});
  open_datagrams(world.second_backend(), second, {.bind_to = first.local(), .reuse_port = true});
  open_datagrams(world.backend(), sender);
  for (int i = 0; i < 20; ++i)
    sender.socket->send(text("x"), first.local(), 0);
  REQUIRE(world.run_until([&] { return first.received.size() + second.received.size() == 20; }));
}

TEST_CASE("with reuse_address the socket that was bound last gets unicast", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams first, second, sender;
  open_datagrams(world.backend(), first,
                 {.bind_to = endpoint::loopback_ipv4(0), .reuse_address = true});
  open_datagrams(world.second_backend(), second, {.bind_to = first.local(), .reuse_address = true});
  open_datagrams(world.backend(), sender);
  sender.socket->send(text("x"), first.local(), 0);
  REQUIRE(world.run_until([&] { return second.received.size() == 1; }));
  CHECK(first.received.empty());
}

TEST_CASE("a socket of IPv6 carries IPv4 as mapped addresses", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams dual, plain;
  open_datagrams(world.backend(), dual,
                 {.family = address_family::ipv6, .bind_to = endpoint::any_ipv6(0)});
  open_datagrams(world.second_backend(), plain);
  plain.socket->send(text("to dual"), endpoint::loopback_ipv4(dual.local().port()), 0);
  REQUIRE(world.run_until([&] { return dual.received.size() == 1; }));
  CHECK(dual.received[0].from == mapped(plain.local().port()));
  dual.socket->send(text("by its mapped address"), dual.received[0].from, 0);
  dual.socket->send(text("by its own"), plain.local(), 0);
  REQUIRE(world.run_until([&] { return plain.received.size() == 2; }));
  CHECK(plain.received[0].from == endpoint::loopback_ipv4(dual.local().port()));
  CHECK(plain.texts() == std::vector<std::string>{"by its mapped address", "by its own"});
  REQUIRE(dual.socket->connect(plain.local()));
  CHECK(dual.socket->remote() == mapped(plain.local().port()));
}

TEST_CASE("a datagram leaves from the address that it is given", "[backend]") {
  ON_EVERY_BACKEND(world);
  const auto second = endpoint::ipv4({127, 0, 0, 2}, 0);
  recorded_datagrams all, dual, peer;
  open_datagrams(world.backend(), all, {.bind_to = endpoint::any_ipv4(0)});
  open_datagrams(world.backend(), dual,
                 {.family = address_family::ipv6, .bind_to = endpoint::any_ipv6(0)});
  open_datagrams(world.second_backend(), peer);
  const auto there = peer.local();
  // Equal ones, which would leave together but for where they are to leave from.
  for (send_tag tag = 0; tag < 6; ++tag)
    all.socket->send(text("all"), there, tag, tag < 4 ? second : endpoint());
  all.socket->send({text("pie"), text("ces")}, there, 6, second.with_port(9));
  dual.socket->send(text("dual"), there, 0, second);
  dual.socket->send(text("mapped"), there, 1, mapped(0));
  REQUIRE(world.run_until([&] { return peer.received.size() == 9; }));
  const auto from = [&](const recorded_datagrams& whom, const endpoint& host) {
    const auto where = host.with_port(whom.local().port());
    return std::count_if(peer.received.begin(), peer.received.end(),
                         [&](const auto& each) { return each.from == where; });
  };
  CHECK(from(all, second) == 5);
  CHECK(from(all, endpoint::loopback_ipv4(0)) == 2);
  CHECK(from(dual, second) == 1);
  CHECK(from(dual, endpoint::loopback_ipv4(0)) == 1);
  CHECK(all.failures() + dual.failures() == 0);
  // A connected socket can do it, too.
  REQUIRE(all.socket->connect(there));
  all.socket->send(text("connected"), nowhere, 7, second);
  REQUIRE(world.run_until([&] { return peer.received.size() == 10; }));
  CHECK(peer.received[9].from == second.with_port(all.local().port()));
}

TEST_CASE("a datagram cannot leave from an address that this host does not have", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, six, peer;
  open_datagrams(world.backend(), here, {.bind_to = endpoint::any_ipv4(0)});
  open_datagrams(world.backend(), six,
                 {.family = address_family::ipv6, .bind_to = endpoint::any_ipv6(0)});
  open_datagrams(world.second_backend(), peer);
  const auto elsewhere = endpoint::ipv4({198, 51, 100, 7}, 0);
  for (send_tag tag = 0; tag < 3; ++tag)
    here.socket->send(text("x"), peer.local(), tag, elsewhere);
  here.socket->send(text("x"), peer.local(), 3, endpoint::loopback_ipv6(0));
  here.socket->send(text("well"), peer.local(), 4);
  six.socket->send(text("x"), peer.local(), 0, endpoint::loopback_ipv6(0));
  six.socket->send(text("x"), endpoint::loopback_ipv6(9), 1, endpoint::loopback_ipv4(0));
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 5 && six.outcomes.size() == 2; }));
  CHECK(here.failures() == 4);
  CHECK(six.failures() == 2);
  for (const auto* each : {&here, &six})
    for (const auto& outcome : each->outcomes)
      if (outcome.failure) // newer kernels say that there is no way from there
        CHECK_THAT(outcome.failure->code(), Catch::Matchers::Matches("EINVAL|ENETUNREACH"));
  REQUIRE(world.run_until([&] { return !peer.received.empty(); }));
  CHECK(peer.texts() == std::vector<std::string>{"well"});
}

TEST_CASE("a socket of IPv6 alone does not carry IPv4", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams only6, also4;
  open_datagrams(
      world.backend(), only6,
      {.family = address_family::ipv6, .bind_to = endpoint::any_ipv6(0), .ipv6_only = true});
  // The port is free for IPv4.
  open_datagrams(world.second_backend(), also4,
                 {.bind_to = endpoint::any_ipv4(only6.local().port())});
  only6.socket->send(text("x"), endpoint::loopback_ipv4(also4.local().port()), 1);
  REQUIRE(world.run_until([&] { return only6.outcomes.size() == 1; }));
  REQUIRE(only6.outcomes[0].failure);
  CHECK(only6.outcomes[0].failure->code() == "ENETUNREACH");
}

// -- connected ------------------------------------------------------------------------------------

TEST_CASE("a connected socket sends without a destination, and hears its peer alone", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, peer, stranger;
  open_datagrams(world.backend(), here, {});
  open_datagrams(world.second_backend(), peer);
  open_datagrams(world.second_backend(), stranger);
  REQUIRE(here.socket->connect(peer.local()));
  CHECK(here.socket->remote() == peer.local());
  CHECK(here.local().is_loopback());
  CHECK(here.local().port() != 0);
  here.socket->send(text("hello"), nowhere, 1);
  REQUIRE(world.run_until([&] { return peer.received.size() == 1; }));
  CHECK(peer.received[0].from == here.local());
  stranger.socket->send(text("stranger"), here.local(), 0);
  peer.socket->send(text("peer"), here.local(), 0);
  REQUIRE(world.run_until([&] { return here.received.size() == 1; }));
  world.settle();
  CHECK(here.texts() == std::vector<std::string>{"peer"});
  here.socket->send(text("to another"), stranger.local(), 2);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 2; }));
  REQUIRE(here.outcomes[1].failure);
  CHECK(here.outcomes[1].failure->code() == "EISCONN");
}

TEST_CASE("a socket that is disconnected keeps its port and hears everybody", "[backend]") {
  auto bound = GENERATE(endpoint(), endpoint::any_ipv4(0), endpoint::loopback_ipv4(0));
  auto is_explicit = GENERATE(false, true);
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, peer, stranger;
  if (is_explicit && bound.family() != address_family::none) {
    recorded_datagrams finder;
    open_datagrams(world.backend(), finder, {.bind_to = bound});
    bound = finder.local();
  }
  open_datagrams(world.backend(), here, {.bind_to = bound});
  open_datagrams(world.second_backend(), peer);
  open_datagrams(world.second_backend(), stranger);
  REQUIRE(here.socket->connect(peer.local()));
  const auto port = here.local().port();
  CHECK(port != 0);
  REQUIRE(here.socket->disconnect());
  CHECK(here.socket->remote() == nowhere);
  CHECK(here.local().port() == port);
  CHECK(here.local().is_wildcard() ==
        (bound.family() == address_family::none || bound.is_wildcard()));
  stranger.socket->send(text("stranger"), endpoint::loopback_ipv4(port), 0);
  REQUIRE(world.run_until([&] { return here.received.size() == 1; }));
  here.socket->send(text("x"), nowhere, 1);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 1; }));
  CHECK(here.outcomes[0].failure->code() == "EDESTADDRREQ");
  auto again = here.socket->disconnect();
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == "ENOTCONN");
}

TEST_CASE("what waits to be sent goes where it was to go, whoever is connected to then",
          "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, first, second, third;
  open_datagrams(world.backend(), here);
  for (auto* each : {&first, &second, &third})
    open_datagrams(world.second_backend(), *each);
  here.socket->send(text("1"), first.local(), 1);
  REQUIRE(here.socket->connect(second.local()));
  here.socket->send(text("2"), nowhere, 2);
  REQUIRE(here.socket->connect(third.local()));
  here.socket->send(text("3"), nowhere, 3);
  REQUIRE(here.socket->disconnect());
  here.socket->send(text("4"), first.local(), 4);
  REQUIRE(world.run_until([&] {
    return first.received.size() == 2 && second.received.size() == 1 && third.received.size() == 1;
  }));
  CHECK(here.outcomes.size() == 4);
  CHECK(here.failures() == 0);
  CHECK(first.texts() == std::vector<std::string>{"1", "4"});
}

TEST_CASE("what is no address to connect to is refused", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here;
  open_datagrams(world.backend(), here);
  for (const auto& where :
       {endpoint(), endpoint::loopback_ipv6(1), endpoint::unix_path("/tmp/x").value()}) {
    auto connected = here.socket->connect(where);
    REQUIRE_FALSE(connected);
    CHECK(connected.error().code() == "EAFNOSUPPORT");
    CHECK(connected.error().syscall == "connect");
  }
  CHECK(here.socket->remote() == nowhere);
}

// -- what came back -------------------------------------------------------------------------------

TEST_CASE("that nobody is there comes back to a connected socket, which goes on", "[backend]") {
  auto receiving = GENERATE(true, false);
  ON_EVERY_BACKEND(world);
  CAPTURE(receiving);
  recorded_datagrams here;
  recorded_datagrams peer;
  open_datagrams(world.second_backend(), peer);
  const auto there = peer.local();
  peer.socket.reset();
  open_datagrams(world.backend(), here);
  if (!receiving)
    here.socket->stop_receiving();
  REQUIRE(here.socket->connect(there));
  here.socket->send(text("anybody?"), nowhere, 1);
  REQUIRE(world.run_until([&] { return !here.errors.empty(); }));
  CHECK(here.errors[0].code() == "ECONNREFUSED");
  CHECK(here.errors[0].port == there.port());
  CHECK(here.errors[0].address == "127.0.0.1");
  // Several at once: each leaves, whatever came back of those before it.
  for (std::uint64_t i = 2; i <= 10; ++i)
    here.socket->send(text("anybody?"), nowhere, i);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 10 && here.errors.size() >= 2; }));
  CHECK(here.failures() == 0);
  world.settle();
  open_datagrams(world.second_backend(), peer, {.bind_to = there});
  const auto before = here.errors.size();
  here.socket->send(text("now"), nowhere, 11);
  REQUIRE(world.run_until([&] { return !peer.received.empty(); }));
  here.socket->start_receiving();
  peer.socket->send(text("yes"), here.local(), 1);
  REQUIRE(world.run_until([&] { return here.received.size() == 1; }));
  CHECK(here.errors.size() == before);
}

TEST_CASE("a socket that is not connected is not disturbed by those who are gone", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, peer;
  endpoint gone;
  {
    recorded_datagrams other;
    open_datagrams(world.backend(), other);
    gone = other.local();
  }
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), peer);
  for (int i = 0; i < 10; ++i) {
    here.socket->send(text("x"), gone, 0);
    here.socket->send(text("y"), peer.local(), 0);
  }
  REQUIRE(world.run_until([&] { return peer.received.size() == 10; }));
  world.settle();
  CHECK(here.errors.empty());
  CHECK(here.outcomes.size() == 20);
  CHECK(here.failures() == 0);
}

TEST_CASE("without permission nothing is broadcast", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here, {});
  open_datagrams(world.second_backend(), there, {.bind_to = endpoint::any_ipv4(0)});
  const auto all = endpoint::ipv4({127, 255, 255, 255}, there.local().port());
  here.socket->send(text("refused"), all, 1);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 1; }));
  REQUIRE(here.outcomes[0].failure);
  CHECK(here.outcomes[0].failure->code() == "EACCES");
  CHECK(here.outcomes[0].failure->address == "127.255.255.255");
  REQUIRE(here.socket->set({.broadcast = true}));
  here.socket->send(text("to all"), all, 2);
  REQUIRE(world.run_until([&] { return there.received.size() == 1; }));
  CHECK(there.received[0].bytes.view() == "to all");
  REQUIRE(here.socket->set({.broadcast = false}));
  here.socket->send(text("refused"), all, 3);
  REQUIRE(world.run_until([&] { return here.outcomes.size() == 3; }));
  CHECK(here.outcomes[2].failure);
}
