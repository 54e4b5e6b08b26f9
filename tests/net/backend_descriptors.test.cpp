// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("an accepted connection can be served by another loop", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world, &world.second_backend());
  pair.client.socket->start_receiving();
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("to the other loop"));
  pair.server.socket->send(text("from the other loop"));
  REQUIRE(world.run_until([&] { return pair.server.received == "to the other loop"; }));
  CHECK(world.run_until([&] { return pair.client.received == "from the other loop"; }));
}

TEST_CASE("bytes that arrived before a loop serves the connection are received", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  recorded_stream client, server;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  client.socket->send(text("early"));
  client.socket->finish();
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  world.settle();
  serve(world.second_backend(), std::move(listener.accepted[0].socket), server);
  server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return server.was_told("end"); }));
  CHECK(server.received == "early");
}

TEST_CASE("an accepted connection that nobody serves is closed", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until(
      [&] { return client.was_told("connected") && listener.accepted.size() == 1; }));
  client.socket->start_receiving();
  listener.accepted.clear();
  CHECK(world.run_until([&] { return client.was_told("end"); }));
}

TEST_CASE("a connected stream can be adopted by its number", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  recorded_stream client, server;
  client.socket = world.backend().connect(listener.local, {}, client);
  REQUIRE(world.run_until(
      [&] { return client.was_told("connected") && listener.accepted.size() == 1; }));
  int number = listener.accepted[0].socket.release();
  auto adopted = world.backend().adopt_stream(number);
  REQUIRE(adopted);
  CHECK(adopted->socket.number() == number);
  CHECK(adopted->local == listener.local);
  CHECK(adopted->remote == client.local);
  serve(world.backend(), std::move(adopted->socket), server);
  server.socket->start_receiving();
  client.socket->send(text("abc"));
  CHECK(world.run_until([&] { return server.received == "abc"; }));
}

TEST_CASE("a listening socket can be adopted by its number", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  auto adopted = world.backend().adopt_listener(opened->socket.release(), {});
  REQUIRE(adopted);
  CHECK(adopted->local == opened->local);
  recorded_listener listener;
  auto added = world.backend().add_listener(std::move(*adopted), listener);
  REQUIRE(added);
  listener.socket = std::move(*added);
  listener.socket->start_accepting();
  recorded_stream client;
  client.socket = world.backend().connect(opened->local, {}, client);
  CHECK(world.run_until([&] { return listener.accepted.size() == 1; }));
}

TEST_CASE("a descriptor of the wrong kind is refused and left as it was", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  recorded_stream client;
  client.socket = world.backend().connect(opened->local, {}, client);
  recorded_stream other;
  other.socket = world.backend().connect(listener.local, {}, other);
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));

  auto no_stream = world.backend().adopt_stream(opened->socket.number());
  REQUIRE_FALSE(no_stream);
  CHECK(no_stream.error().code() == "EINVAL");
  auto no_listener = world.backend().adopt_listener(listener.accepted[0].socket.number(), {});
  REQUIRE_FALSE(no_listener);
  CHECK(no_listener.error().code() == "EINVAL");

  // Both still do what they did.
  recorded_stream server;
  serve(world.backend(), std::move(listener.accepted[0].socket), server);
  server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return other.was_told("connected"); }));
  other.socket->send(text("abc"));
  CHECK(world.run_until([&] { return server.received == "abc"; }));
  recorded_listener second;
  auto added = world.backend().add_listener(std::move(*opened), second);
  REQUIRE(added);
  second.socket = std::move(*added);
  second.socket->start_accepting();
  CHECK(world.run_until([&] { return second.accepted.size() == 1; }));
}

TEST_CASE("a number that is not open cannot be adopted", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto stream = world.backend().adopt_stream(100'000);
  REQUIRE_FALSE(stream);
  CHECK(stream.error().code() == "EBADF");
  auto listener = world.backend().adopt_listener(100'000, {});
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code() == "EBADF");
}

TEST_CASE("what is no connected stream socket cannot be adopted, and stays open", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // it has no other descriptors than streams and listeners
  int pipe[2];
  REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
  int datagrams = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int unconnected = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  CHECK(world.backend().adopt_stream(pipe[0]).error().code() == "ENOTSOCK");
  CHECK(world.backend().adopt_listener(pipe[0], {}).error().code() == "ENOTSOCK");
  CHECK(world.backend().adopt_stream(datagrams).error().code() == "EINVAL");
  CHECK(world.backend().adopt_listener(datagrams, {}).error().code() == "EINVAL");
  CHECK(world.backend().adopt_stream(unconnected).error().code() == "EINVAL");
  CHECK(world.backend().adopt_listener(unconnected, {}).error().code() == "EINVAL");

  for (int each : {pipe[0], pipe[1], datagrams, unconnected}) {
    CHECK(::fcntl(each, F_GETFL) >= 0);
    CHECK((::fcntl(each, F_GETFL) & O_NONBLOCK) == 0);
    ::close(each);
  }
}

TEST_CASE("either end of a socketpair can be adopted", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // a simulated network has no socketpair(2)
  int both[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) == 0);
  recorded_stream ends[2];
  for (int i : {0, 1}) {
    auto adopted = world.backend().adopt_stream(both[i]);
    REQUIRE(adopted);
    CHECK(adopted->local == endpoint::unix_unnamed());
    serve(world.backend(), std::move(adopted->socket), ends[i]);
  }
  ends[1].socket->start_receiving();
  ends[0].socket->send(text("through"));
  ends[0].socket->finish();
  REQUIRE(world.run_until([&] { return ends[1].was_told("end"); }));
  CHECK(ends[1].received == "through");
}
