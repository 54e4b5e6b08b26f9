// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"

#include <stop_token>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::at_90;
using an::test::port_80;
using an::test::port_90;
using an::test::reached_server;
using an::test::served_client;

// How long a connection may live, and how a program gives it up from outside.

TEST_CASE("a connection breaks when its lifetime is over, however busy it is") {
  served_client story({.address = port_80, .lifetime_max = 10s});
  auto from = story.w.network().now();
  for (int i = 0; i < 9; ++i) {
    story.w.pass(1s);
    story.client.sends("x");
    story.handler.expects<an::data>();
  }
  auto why = story.handler.expects<an::failed>().why;
  CHECK(why.code() == "ETIMEDOUT");
  CHECK(why.kind == an::trouble::timed_out);
  CHECK(why.address == "127.0.0.1");
  CHECK(story.w.network().now() - from <= 10s);
  CHECK(story.handler.expects<an::closed>().had_error);
}

TEST_CASE("the lifetime counts from the start of connecting") {
  reached_server story;
  story.w.network().hang_connects(at_90);
  auto from = story.w.network().now();
  story.connects({.address = port_90, .lifetime_max = 3s});
  CHECK(story.handler.expects<an::failed>().why.code() == "ETIMEDOUT");
  CHECK(story.w.network().now() - from == 3s);
  story.handler.expects<an::closed>();
}

TEST_CASE("the lifetime can be set and taken back by command") {
  served_client story;
  story.handler.asks(story.peer, an::set_lifetime{5000}).done();
  story.w.pass(4s);
  story.handler.asks(story.peer, an::set_lifetime{5000}).done();
  story.w.pass(4s);
  story.handler.asks(story.peer, an::set_lifetime{0}).done();
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.peer, an::set_lifetime{1000}).done();
  CHECK(story.handler.expects<an::failed>().why.code() == "ETIMEDOUT");
  story.handler.expects<an::closed>();
  CHECK(story.handler.asks(story.peer, an::set_lifetime{1}).failure().code() == "ENOTCONN");
}

TEST_CASE("a write under way fails when the lifetime is over") {
  served_client story({.address = port_80, .lifetime_max = 1s});
  story.client.stops_reading();
  auto large = story.handler.asks(story.peer, an::write{an::text(std::string(1'000'000, 'x'))});
  CHECK(large.failure().code() == "ETIMEDOUT");
  story.handler.expects<an::failed>();
  story.handler.expects<an::closed>();
}

TEST_CASE("a stop request breaks an open connection with ECANCELED") {
  reached_server story;
  std::stop_source program;
  story.connects({.address = port_90, .abort = program.get_token()});
  story.handler.expects<an::connected>();
  program.request_stop();
  auto why = story.handler.expects<an::failed>().why;
  CHECK(why.code() == "ECANCELED");
  CHECK(why.kind == an::trouble::aborted);
  CHECK(story.handler.expects<an::closed>().had_error);
}

TEST_CASE("a stop request ends an attempt to connect") {
  reached_server story;
  story.w.network().hang_connects(at_90);
  std::stop_source program;
  auto peer = story.connects({.address = port_90, .abort = program.get_token()});
  auto queued = story.handler.asks(peer, an::write{an::text("never")});
  story.w.pass(1s);
  program.request_stop();
  CHECK(queued.failure().code() == "ECANCELED");
  CHECK(story.handler.expects<an::failed>().why.kind == an::trouble::aborted);
  story.handler.expects<an::closed>();
  CHECK(story.w.network().open_descriptors() == 0);
}

TEST_CASE("after a stop request nothing is sent at all") {
  reached_server story;
  std::stop_source program;
  program.request_stop();
  story.connects({.address = port_90, .abort = program.get_token()});
  CHECK(story.handler.expects<an::failed>().why.kind == an::trouble::aborted);
  story.handler.expects<an::closed>();
  story.w.pass(1s);
  CHECK(story.server.waiting() == 0);
}

TEST_CASE("a stop request that comes when all is over does nothing") {
  reached_server story;
  std::stop_source program;
  auto peer = story.connects({.address = port_90, .abort = program.get_token()});
  story.handler.expects<an::connected>();
  story.handler.sends(peer, an::destroy{});
  story.handler.expects<an::closed>();
  program.request_stop();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a stop request closes a listener, and its connections live on") {
  std::stop_source program;
  served_client story({.address = port_80, .abort = program.get_token()});
  program.request_stop();
  story.w.settle();
  CHECK(story.owner.asks(story.server, an::get_address{}).failure().code() == "ENOTCONN");
  story.client.sends("still here");
  CHECK(story.handler.expects_bytes(10) == "still here");
  story.client.finishes();
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
  CHECK_FALSE(story.owner.expects<an::listener_closed>().had_error);
}

TEST_CASE("after a stop request there is nothing to listen with") {
  an::test::world w;
  std::stop_source program;
  program.request_stop();
  auto refused = w.net().listen({.address = port_80, .abort = program.get_token()}, caf::actor());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == an::trouble::aborted);
  CHECK(w.network().open_descriptors() == 0);
}
