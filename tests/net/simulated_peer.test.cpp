// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"
#include "support/simulated_world.hpp"

using namespace actornet::net;
using namespace actornet::test;

namespace {

// A listener on a loop, and a peer that it has accepted.
struct served_peer {
  simulated_world& world;
  recorded_listener listener;
  simulated_peer peer;
  recorded_stream server;

  explicit served_peer(simulated_world& where) : world(where), peer(nullptr) {
    listen(world, listener, endpoint::loopback_ipv4(80));
    peer = world.simulation()->peer_connects(endpoint::loopback_ipv4(80));
    REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
    serve(world.backend(), std::move(listener.accepted[0].socket), server);
  }
};

} // namespace

TEST_CASE("a peer may be told to send before it is connected", "[simulation]") {
  simulated_world world({.seed = 1});
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(80));
  auto client = world.simulation()->peer_connects(endpoint::loopback_ipv4(80));
  client.sends("abc");
  client.finishes();
  CHECK_FALSE(client.connected());
  CHECK(client.unsent_bytes() == 3);
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  recorded_stream server;
  serve(world.backend(), std::move(listener.accepted[0].socket), server);
  server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return server.was_told("end"); }));
  CHECK(server.received == "abc");
  CHECK(client.connected());
  CHECK(client.unsent_bytes() == 0);
}

TEST_CASE("a peer knows both ends, as does who accepted it", "[simulation]") {
  simulated_world world({.seed = 1});
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(80));
  auto client =
      world.simulation()->peer_connects(endpoint::loopback_ipv4(80), endpoint::loopback_ipv4(4711));
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  CHECK(client.local() == endpoint::loopback_ipv4(4711));
  CHECK(client.remote() == endpoint::loopback_ipv4(80));
  CHECK(listener.accepted[0].remote == client.local());
  CHECK(listener.accepted[0].local == client.remote());
}

TEST_CASE("a peer reads what it is sent, and sees the end", "[simulation]") {
  simulated_world world({.seed = 1});
  served_peer is(world);
  is.server.socket->send(text("hello "));
  is.server.socket->send(text("peer"));
  REQUIRE(world.run_until([&] { return is.peer.received() == "hello peer"; }));
  CHECK(is.peer.takes() == "hello peer");
  CHECK(is.peer.received().empty());
  CHECK_FALSE(is.peer.got_end());
  is.server.socket->finish();
  CHECK(world.run_until([&] { return is.peer.got_end(); }));
}

TEST_CASE("a peer that has stopped reading blocks the sender until it reads", "[simulation]") {
  simulated_world world({.seed = 1});
  served_peer is(world);
  is.peer.stops_reading();
  is.server.socket->send(chunk::copy_of(pattern(1'000'000)));
  is.server.socket->finish();
  world.settle();
  CHECK(is.peer.received().empty());
  CHECK(is.server.told.back() == "blocked");
  is.peer.reads_at_most(10);
  world.settle();
  CHECK(is.peer.received() == pattern(10));
  is.peer.reads();
  REQUIRE(world.run_until([&] { return is.peer.got_end(); }));
  CHECK(is.peer.received() == pattern(1'000'000));
}

TEST_CASE("a peer that resets is ECONNRESET", "[simulation]") {
  simulated_world world({.seed = 1});
  served_peer is(world);
  is.server.socket->start_receiving();
  is.peer.resets();
  REQUIRE(world.run_until([&] { return is.server.was_told("receive_failed"); }));
  CHECK(is.server.receive_failure->code() == "ECONNRESET");
}

TEST_CASE("a peer is told that it was reset", "[simulation]") {
  simulated_world world({.seed = 1});
  served_peer is(world);
  CHECK_FALSE(is.peer.was_reset());
  is.server.socket.release()->reset();
  CHECK(world.run_until([&] { return is.peer.was_reset(); }));
  CHECK_FALSE(is.peer.got_end());
}

TEST_CASE("a peer that closes with bytes unread resets", "[simulation]") {
  simulated_world world({.seed = 1});
  served_peer is(world);
  is.peer.stops_reading();
  is.server.socket->start_receiving();
  is.server.socket->send(text("unread"));
  world.settle();
  is.peer.closes();
  REQUIRE(world.run_until([&] { return !is.server.told.empty() && is.server.receive_failure; }));
  CHECK_FALSE(is.server.was_told("end"));
}

TEST_CASE("a peer that closes has delivered, and resets who sends to it after that",
          "[simulation]") {
  simulated_world world({.seed = 1});
  served_peer is(world);
  is.server.socket->start_receiving();
  is.peer.sends("bye");
  world.settle();
  is.peer.closes();
  REQUIRE(world.run_until([&] { return is.server.was_told("end"); }));
  CHECK(is.server.received == "bye");
  is.server.socket->send(text("anybody there?"));
  REQUIRE(world.run_until([&] { return is.server.was_told("receive_failed"); }));
  CHECK(is.server.receive_failure->code() == "EPIPE");
  is.server.socket->send(text("really?"));
  REQUIRE(world.run_until([&] { return is.server.was_told("send_failed"); }));
  CHECK(is.server.send_failure->code() == "EPIPE");
}

TEST_CASE("a listening peer accepts in order and talks", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  auto server = network.peer_listens(endpoint::loopback_ipv4(0));
  REQUIRE(server);
  CHECK(server->local().port() != 0);
  recorded_stream one, two;
  one.socket = world.backend().connect(server->local(), {}, one);
  REQUIRE(world.run_until([&] { return one.was_told("connected"); }));
  two.socket = world.backend().connect(server->local(), {}, two);
  REQUIRE(world.run_until([&] { return two.was_told("connected"); }));
  CHECK(server->waiting() == 2);
  auto first = server->accepts();
  auto second = server->accepts();
  CHECK(server->waiting() == 0);
  CHECK(first.remote() == one.local);
  CHECK(second.remote() == two.local);
  one.socket->start_receiving();
  first.sends("welcome");
  CHECK(world.run_until([&] { return one.received == "welcome"; }));
}

TEST_CASE("a listening peer that has closed refuses, and keeps its connections", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  auto server = network.peer_listens(endpoint::loopback_ipv4(80));
  REQUIRE(server);
  CHECK(network.peer_listens(endpoint::loopback_ipv4(80)).error().code() == "EADDRINUSE");
  auto early = network.peer_connects(endpoint::loopback_ipv4(80));
  REQUIRE(world.run_until([&] { return early.connected(); }));
  server->closes();
  auto late = network.peer_connects(endpoint::loopback_ipv4(80));
  REQUIRE(world.run_until([&] { return late.refused(); }));
  server->accepts().sends("still here");
  CHECK(world.run_until([&] { return early.received() == "still here"; }));
}
