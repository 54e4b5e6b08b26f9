// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <cerrno>

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("a listener on port 0 tells the port it got", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  CHECK(opened->local.port() != 0);
  CHECK(opened->local == endpoint::loopback_ipv4(opened->local.port()));
}

TEST_CASE("connections are accepted in their order with both ends named", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  std::vector<endpoint> clients;
  std::vector<std::unique_ptr<recorded_stream>> streams;
  for (int i = 0; i < 5; ++i) {
    auto& client = *streams.emplace_back(std::make_unique<recorded_stream>());
    client.socket = world.backend().connect(listener.local, {}, client);
    REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
    clients.push_back(client.local);
  }
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 5; }));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(listener.accepted[i].remote == clients[i]);
    CHECK(listener.accepted[i].local == listener.local);
  }
}

TEST_CASE("nothing is accepted before start_accepting", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  recorded_listener listener;
  auto local = opened->local;
  auto added = world.backend().add_listener(std::move(*opened), listener);
  REQUIRE(added);
  listener.socket = std::move(*added);
  recorded_stream client;
  client.socket = world.backend().connect(local, {}, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  world.settle();
  CHECK(listener.accepted.empty());
  listener.socket->start_accepting();
  CHECK(world.run_until([&] { return listener.accepted.size() == 1; }));
}

TEST_CASE("after stop_accepting connections wait until it is started again", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  world.settle();
  listener.socket->stop_accepting();
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  world.settle();
  CHECK(listener.accepted.empty());
  listener.socket->start_accepting();
  CHECK(world.run_until([&] { return listener.accepted.size() == 1; }));
}

TEST_CASE("accepting can be stopped from within on_accepted", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  listener.then = [&] { listener.socket->stop_accepting(); };
  recorded_stream one, two;
  one.socket = world.backend().connect(listener.local, {}, one);
  two.socket = world.backend().connect(listener.local, {}, two);
  REQUIRE(world.run_until([&] { return one.was_told("connected") && two.was_told("connected"); }));
  world.settle();
  const auto accepted = listener.accepted.size();
  CHECK(accepted >= 1); // what was accepted by then may still be told
  recorded_stream three;
  three.socket = world.backend().connect(listener.local, {}, three);
  REQUIRE(world.run_until([&] { return three.was_told("connected"); }));
  world.settle();
  CHECK(listener.accepted.size() == accepted);
  listener.then = nullptr;
  listener.socket->start_accepting();
  CHECK(world.run_until([&] { return listener.accepted.size() == 3; }));
}

TEST_CASE("a closed listener refuses new connections", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  listener.socket.reset();
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until([&] { return client.was_told("connect_failed"); }));
  CHECK(client.connect_failure->code() == "ECONNREFUSED");
}

TEST_CASE("closing a listener resets the connections that wait to be accepted", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  listener.socket->stop_accepting();
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  client.socket->start_receiving();
  listener.socket.reset();
  REQUIRE(world.run_until([&] { return client.was_told("receive_failed"); }));
  CHECK(client.receive_failure->code() == "ECONNRESET");
  CHECK(listener.accepted.empty());
}

TEST_CASE("a closed listener leaves its connections alone", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world); // closes its listener
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("still here"));
  CHECK(world.run_until([&] { return pair.server.received == "still here"; }));
}

TEST_CASE("a listener can be closed from within on_accepted", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  listener.then = [&] { listener.socket.reset(); };
  recorded_stream one, two;
  one.socket = world.backend().connect(listener.local, {}, one);
  two.socket = world.backend().connect(listener.local, {}, two);
  REQUIRE(world.run_until([&] { return !listener.accepted.empty(); }));
  world.settle();
  CHECK(listener.accepted.size() == 1);
}

TEST_CASE("a port that is taken is EADDRINUSE of listen, with its address", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  auto second = world.backend().open_listener(listener.local, {});
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == "EADDRINUSE");
  CHECK(second.error().syscall == "listen");
  CHECK(second.error().address == "127.0.0.1");
  CHECK(second.error().port == listener.local.port());
}

TEST_CASE("a port can be listened on again once its listener is closed", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  listener.socket.reset();
  CHECK(world.backend().open_listener(listener.local, {}));
}

TEST_CASE("an address of somebody else is EADDRNOTAVAIL", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto elsewhere = endpoint::ipv4({192, 0, 2, 77}, 0);
  if (auto* network = world.simulation())
    network->fail_listens(elsewhere, EADDRNOTAVAIL);
  auto opened = world.backend().open_listener(elsewhere, {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == "EADDRNOTAVAIL");
  CHECK(opened.error().syscall == "bind");
}

TEST_CASE("two listeners share a port if both say reuse_port", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener one, two;
  listen(world, one, endpoint::loopback_ipv4(0), {.reuse_port = true});
  listen(world, two, one.local, {.reuse_port = true});
  std::vector<std::unique_ptr<recorded_stream>> clients;
  for (int i = 0; i < 64; ++i) {
    auto& client = *clients.emplace_back(std::make_unique<recorded_stream>());
    client.socket = world.backend().connect(one.local, {}, client);
  }
  CHECK(world.run_until([&] { return one.accepted.size() + two.accepted.size() == 64; }));
  CHECK(one.accepted.size() > 0);
  CHECK(two.accepted.size() > 0);
}

TEST_CASE("the IPv6 wildcard takes IPv4 clients under mapped addresses", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::any_ipv6(0));
  recorded_stream client;
  client.socket =
      world.backend().connect(endpoint::loopback_ipv4(listener.local.port()), {}, client);
  REQUIRE(world.run_until(
      [&] { return client.was_told("connected") && listener.accepted.size() == 1; }));
  const auto& accepted = listener.accepted[0];
  CHECK(client.local.family() == address_family::ipv4);
  CHECK(accepted.remote.is_ipv4_mapped());
  CHECK(accepted.remote.unmapped() == client.local);
  CHECK(accepted.local.unmapped() == endpoint::loopback_ipv4(listener.local.port()));
}

TEST_CASE("with ipv6_only the IPv6 wildcard refuses IPv4 clients", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::any_ipv6(0), {.ipv6_only = true});
  recorded_stream ipv4, ipv6;
  auto port = listener.local.port();
  ipv4.socket = world.backend().connect(endpoint::loopback_ipv4(port), {}, ipv4);
  ipv6.socket = world.backend().connect(endpoint::loopback_ipv6(port), {}, ipv6);
  CHECK(world.run_until([&] { return ipv4.was_told("connect_failed"); }));
  CHECK(world.run_until([&] { return ipv6.was_told("connected"); }));
  CHECK(ipv6.local.family() == address_family::ipv6);
}

TEST_CASE("IPv4 and IPv6 wildcards share a port only with ipv6_only", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto ipv4 = world.backend().open_listener(endpoint::any_ipv4(0), {});
  REQUIRE(ipv4);
  auto beside = endpoint::any_ipv6(ipv4->local.port());
  auto both = world.backend().open_listener(beside, {});
  REQUIRE_FALSE(both);
  CHECK(both.error().code() == "EADDRINUSE");
  CHECK(world.backend().open_listener(beside, {.ipv6_only = true}));
}
