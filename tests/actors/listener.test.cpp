// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/listening_story.hpp"

#include <caf/actor_registry.hpp>

#include <cerrno>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::net::simulated_peer;
using an::test::at_80;
using an::test::count_of;
using an::test::info_of;
using an::test::port_80;
using an::test::served_client;
using an::test::served_too;

// -- binding --------------------------------------------------------------------------------------

TEST_CASE("a listener tells listening with its address, then accepted for each client") {
  an::test::world w;
  an::testkit::probe owner(w);
  auto server =
      w.net().listen({.address = "tcp://127.0.0.1:0", .owner = owner.actor()}, caf::actor());
  REQUIRE(server);
  auto listening = owner.expects<an::listening>();
  CHECK(listening.from == *server);
  CHECK(listening.local.port() != 0);
  auto client = w.network().peer_connects(listening.local);
  auto accepted = owner.expects<an::accepted>();
  CHECK(accepted.from == *server);
  CHECK(accepted.local == listening.local);
  CHECK(accepted.remote == client.local());
  auto asked = owner.asks(*server, an::get_address{}).value<an::addresses>();
  CHECK(asked.local == listening.local);
  CHECK(asked.remote == endpoint());
}

TEST_CASE("a port in use is refused at once, with call, address and port") {
  served_client story;
  auto second = story.w.net().listen({.address = port_80}, caf::actor());
  REQUIRE_FALSE(second);
  CHECK(to_string(second.error()) == "listen EADDRINUSE: address already in use 127.0.0.1:80");
  CHECK(second.error().port == 80);
  CHECK(second.error().address == "127.0.0.1");
}

TEST_CASE("what the kernel refuses to bind is refused with its errno") {
  an::test::world w;
  for (int number : {EACCES, EADDRNOTAVAIL, EADDRINUSE}) {
    w.network().fail_listens(at_80, number);
    auto server = w.net().listen({.address = port_80}, caf::actor());
    REQUIRE_FALSE(server);
    CHECK(server.error().number == number);
  }
  w.network().allow_listens(at_80);
  CHECK(w.net().listen({.address = port_80}, caf::actor()));
}

TEST_CASE("addresses that make no sense for a listener are refused with a sentence") {
  an::test::world w;
  for (const auto* each : {"", "127.0.0.1", "tcp://127.0.0.1", "tcp://127.0.0.1:65536",
                           "tcp://:80x", "udp4://127.0.0.1:80", "http://127.0.0.1:80"}) {
    CAPTURE(each);
    auto server = w.net().listen({.address = each}, caf::actor());
    REQUIRE_FALSE(server);
    CHECK(server.error().kind == an::trouble::invalid_argument);
    CHECK_FALSE(server.error().message().empty());
  }
}

TEST_CASE("a star means any address of both families") {
  an::test::world w;
  an::testkit::probe owner(w);
  auto server = w.net().listen({.address = "tcp://*:80", .owner = owner.actor()}, caf::actor());
  REQUIRE(server);
  CHECK(owner.expects<an::listening>().local == endpoint::any_ipv6(80));
  auto four = w.network().peer_connects(at_80);
  auto six = w.network().peer_connects(endpoint::loopback_ipv6(80));
  w.pass(1s);
  CHECK(four.connected());
  CHECK(six.connected());
}

TEST_CASE("where there is no IPv6 a star means any IPv4 address") {
  an::test::world w;
  w.network().fail_listens(endpoint::any_ipv6(80), EAFNOSUPPORT);
  an::testkit::probe owner(w);
  auto server = w.net().listen({.address = "tcp://*:80", .owner = owner.actor()}, caf::actor());
  REQUIRE(server);
  CHECK(owner.expects<an::listening>().local == endpoint::any_ipv4(80));
}

TEST_CASE("a listener on a name tells listening when the name is known") {
  an::test::world w;
  w.network().add_host("me.example", {at_80}, 2s);
  an::testkit::probe owner(w);
  auto server =
      w.net().listen({.address = "tcp://me.example:80", .owner = owner.actor()}, caf::actor());
  REQUIRE(server);
  auto info = owner.asks(*server, an::get_info{}).value<an::listener_info>();
  CHECK(info.state == an::listener_state::resolving);
  CHECK(owner.asks(*server, an::get_address{}).failure().code() == "ENOTCONN");
  CHECK(owner.asks(*server, an::pause_accepting{}).failure().code() == "ENOTCONN");
  CHECK(owner.expects<an::listening>().local == at_80);
}

TEST_CASE("a listener on a name that nobody knows tells listener_failed, then listener_closed") {
  an::test::world w;
  an::testkit::probe owner(w);
  auto server =
      w.net().listen({.address = "tcp://no.example:80", .owner = owner.actor()}, caf::actor());
  REQUIRE(server);
  CHECK(owner.expects<an::listener_failed>().why.code() == "ENOTFOUND");
  CHECK(owner.expects<an::listener_closed>().had_error);
  CHECK(owner.has_no_event());
}

TEST_CASE("a listener on a name of which nobody tells fails after half a minute") {
  an::test::world w;
  w.network().silence_name("slow.example");
  an::testkit::probe owner(w);
  auto from = w.network().now();
  auto server =
      w.net().listen({.address = "tcp://slow.example:80", .owner = owner.actor()}, caf::actor());
  REQUIRE(server);
  auto why = owner.expects<an::listener_failed>().why;
  CHECK(w.network().now() - from == 30s);
  CHECK(why.kind == an::trouble::timed_out);
  CHECK(to_string(why) == "getaddrinfo ETIMEDOUT: connection timed out slow.example:80");
  CHECK(owner.expects<an::listener_closed>().had_error);
  w.pass(1h);
  CHECK(owner.has_no_event());
}

TEST_CASE("once a listener has its name's addresses, no deadline is left") {
  an::test::world w;
  w.network().add_host("late.example", {at_80}, 29s);
  an::testkit::probe owner(w);
  auto server =
      w.net().listen({.address = "tcp://late.example:80", .owner = owner.actor()}, caf::actor());
  REQUIRE(server);
  CHECK(owner.expects<an::listening>().local == at_80);
  w.pass(1h);
  CHECK(owner.has_no_event());
}

TEST_CASE("of a name's addresses a listener takes the first that it may have") {
  an::test::world w;
  auto taken = *endpoint::parse("127.0.0.2:80");
  w.network().add_host("me.example", {taken, at_80});
  w.network().fail_listens(taken, EADDRNOTAVAIL);
  an::testkit::probe owner(w);
  w.net().listen({.address = "tcp://me.example:80", .owner = owner.actor()}, caf::actor()).value();
  CHECK(owner.expects<an::listening>().local == at_80);
}

TEST_CASE("a close during the look-up of a name cancels the listening") {
  an::test::world w;
  w.network().add_host("me.example", {at_80}, 2s);
  an::testkit::probe owner(w);
  auto server =
      *w.net().listen({.address = "tcp://me.example:80", .owner = owner.actor()}, caf::actor());
  w.pass(1s);
  owner.asks(server, an::close{}).done();
  CHECK_FALSE(owner.expects<an::listener_closed>().had_error);
  w.pass(1min);
  CHECK(owner.has_no_event());
  CHECK(w.network().open_descriptors() == 0);
}

// -- limits ---------------------------------------------------------------------------------------

TEST_CASE("a client above max_connections is dropped at once, with an event, and seen by nobody") {
  served_client story({.address = port_80, .max_connections = 1});
  auto second = one_more_client(story);
  auto dropped = story.owner.expects<an::dropped>();
  CHECK(dropped.from == story.server);
  CHECK(dropped.local == at_80);
  CHECK(dropped.remote == second.local());
  CHECK(dropped.reason == an::drop_reason::max_connections);
  story.w.pass(1s);
  CHECK(second.got_end());
  CHECK(story.handler.has_no_event());
  CHECK(info_of(story).accepted == 1);
  CHECK(info_of(story).dropped == 1);
  CHECK(count_of(story) == 1);
  story.client.sends("undisturbed");
  CHECK(story.handler.expects_bytes(11) == "undisturbed");
}

TEST_CASE("a connection that closes makes room for the next") {
  served_client story({.address = port_80, .max_connections = 1});
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  auto second = served_too(story);
  CHECK(count_of(story) == 1);
}

TEST_CASE("a limit of 0 drops all, -1 none") {
  served_client story({.address = port_80, .max_connections = 1});
  story.handler.asks(story.server, an::set_max_connections{0}).done();
  one_more_client(story);
  story.owner.expects<an::dropped>();
  story.handler.asks(story.server, an::set_max_connections{-1}).done();
  for (int i = 0; i < 5; ++i)
    served_too(story);
  CHECK(count_of(story) == 6);
}

TEST_CASE("lowering the limit closes nothing, raising it lets more in") {
  served_client story;
  served_too(story);
  story.handler.asks(story.server, an::set_max_connections{1}).done();
  story.w.pass(1s);
  CHECK(count_of(story) == 2);
  one_more_client(story);
  story.owner.expects<an::dropped>();
  story.handler.asks(story.server, an::set_max_connections{3}).done();
  served_too(story);
  one_more_client(story);
  story.owner.expects<an::dropped>();
}

TEST_CASE("half-closed connections count") {
  served_client story({.address = port_80, .allow_half_open = true});
  story.client.finishes();
  story.handler.expects<an::end>();
  CHECK(count_of(story) == 1);
}

// -- accepting ------------------------------------------------------------------------------------

TEST_CASE("while accepting is paused clients wait in the backlog") {
  served_client story;
  story.handler.asks(story.server, an::pause_accepting{}).done();
  CHECK(info_of(story).state == an::listener_state::paused);
  auto waiting = one_more_client(story);
  waiting.sends("I can wait");
  story.w.pass(1min);
  CHECK(waiting.connected());
  CHECK(story.owner.has_no_event());
  CHECK(count_of(story) == 1);
  story.handler.asks(story.server, an::resume_accepting{}).done();
  CHECK(info_of(story).state == an::listener_state::listening);
  story.owner.expects<an::accepted>();
  story.handler.expects<an::connected>();
  CHECK(story.handler.expects_bytes(10) == "I can wait");
}

// -- closing --------------------------------------------------------------------------------------

TEST_CASE("close frees the port and keeps connections and their count") {
  served_client story;
  story.handler.asks(story.server, an::close{}).done();
  auto refused = one_more_client(story);
  story.w.pass(1s);
  CHECK(refused.refused());
  CHECK(count_of(story) == 1);
  CHECK(info_of(story).state == an::listener_state::closed);
  CHECK(story.handler.asks(story.server, an::get_address{}).failure().code() == "ENOTCONN");
  story.client.sends("alive");
  CHECK(story.handler.expects_bytes(5) == "alive");
  CHECK(story.w.net().listen({.address = port_80}, caf::actor())); // the port is free
}

TEST_CASE("half-closed connections count also after the listener has closed") {
  served_client story({.address = port_80, .allow_half_open = true});
  auto second = served_too(story);
  story.client.finishes();
  story.handler.expects<an::end>();
  story.handler.asks(story.server, an::close{}).done();
  story.w.pass(1min);
  CHECK(count_of(story) == 2);
  story.handler.sends(story.peer, an::finish{});
  story.handler.expects<an::closed>();
  CHECK(count_of(story) == 1);
}

TEST_CASE("listener_closed comes once, when the last connection is gone") {
  served_client story;
  auto second = served_too(story);
  story.handler.sends(story.server, an::close{});
  story.client.finishes();
  story.handler.expects<an::end>();
  story.w.pass(1min);
  CHECK(story.owner.has_no_event());
  CHECK(count_of(story) == 1);
  second.resets();
  auto closed = story.owner.expects<an::listener_closed>();
  CHECK(closed.from == story.server);
  CHECK_FALSE(closed.had_error);
  CHECK(count_of(story) == 0);
  CHECK(story.owner.has_no_event());
}

TEST_CASE("close of a listener without connections ends it at once, and again is answered") {
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  story.handler.asks(story.server, an::close{}).done();
  story.owner.expects<an::listener_closed>();
  story.handler.asks(story.server, an::close{}).done();
  CHECK(story.owner.has_no_event());
  CHECK(info_of(story).state == an::listener_state::closed);
  CHECK(story.handler.asks(story.server, an::pause_accepting{}).failure().code() == "ENOTCONN");
}

TEST_CASE("clients in the backlog are reset when the listener closes") {
  served_client story;
  story.handler.sends(story.server, an::pause_accepting{});
  auto waiting = one_more_client(story);
  story.w.pass(1s);
  CHECK(waiting.connected());
  story.handler.sends(story.server, an::close{});
  story.w.pass(1s);
  CHECK(waiting.was_reset());
}

TEST_CASE("the count falls no later than the connection's closed is told") {
  served_client story;
  story.client.finishes();
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
  CHECK(count_of(story) == 0);
}

// -- the system -----------------------------------------------------------------------------------

TEST_CASE("unref takes an endpoint out of what the system waits for, ref puts it back") {
  an::test::world w;
  an::testkit::probe asker(w);
  auto running = [&] {
    w.settle();
    return w.system().registry().running();
  };
  auto before = running();
  auto server = *w.net().listen({.address = port_80}, caf::actor());
  CHECK(running() == before + 1);
  asker.asks(server, an::unref{}).done();
  CHECK(running() == before);
  asker.asks(server, an::unref{}).done();
  CHECK(running() == before);
  asker.asks(server, an::ref{}).done();
  asker.asks(server, an::ref{}).done();
  CHECK(running() == before + 1);

  auto client = w.network().peer_connects(at_80);
  w.pass(1s);
  CHECK(running() == before + 2); // its connection
  asker.asks(server, an::close{}).done();
  client.resets();
  w.pass(1s);
  CHECK(running() == before);
  asker.asks(server, an::ref{}).done();
  CHECK(running() == before); // what is gone is not waited for
}

TEST_CASE("an endpoint may begin unreferenced") {
  an::test::world w;
  auto before = w.system().registry().running();
  auto server = w.net().listen({.address = port_80, .unreferenced = true}, caf::actor());
  an::testkit::probe handler(w);
  auto peer =
      w.net().connect({.address = "tcp://127.0.0.1:1", .unreferenced = true}, handler.actor());
  w.settle();
  CHECK(server);
  CHECK(peer);
  CHECK(w.system().registry().running() == before);
}

TEST_CASE("a thousand clients come and go, on three loops, and nothing is left of them") {
  auto silent = [](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {[](const an::data&) {}};
  };
  served_client story({.address = port_80}, {.loops = 3}, silent);
  auto open = story.w.network().open_descriptors();
  std::vector<simulated_peer> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(one_more_client(story));
    clients.back().sends("hello");
    clients.back().finishes();
  }
  story.w.pass(1s);
  CHECK(count_of(story) == 1);
  CHECK(info_of(story).accepted == 1001);
  CHECK(story.w.network().open_descriptors() == open);
  for (auto& each : clients)
    CHECK(each.got_end());
}
