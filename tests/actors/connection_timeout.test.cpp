// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/forwarding.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"

#include <limits>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_90;
using an::test::pattern;
using an::test::port_80;
using an::test::port_90;
using an::test::reached_server;
using an::test::served_client;

namespace {

// The virtual time that passes until the next event, which is a timeout.
an::net::duration until_timeout(served_client& story) {
  auto from = story.w.network().now();
  story.handler.expects<an::timeout>();
  return story.w.network().now() - from;
}

} // namespace

TEST_CASE("silence for as long as set_timeout says is a timeout, and closes nothing") {
  served_client story;
  story.handler.asks(story.peer, an::set_timeout{5000}).done();
  CHECK(until_timeout(story) == 5s);
  CHECK(story.info().state == an::connection_state::open);
  story.handler.asks(story.peer, an::write{an::text("go on")}).value<an::written>();
}

TEST_CASE("a timeout comes once, and again only after something happened") {
  served_client story({.address = port_80, .idle_timeout = 1s});
  story.handler.expects<an::timeout>();
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
  story.client.sends("x");
  story.handler.expects<an::data>();
  CHECK(until_timeout(story) <= 1s);
}

TEST_CASE("bytes that arrive, bytes that leave and the peer's end put the timeout off") {
  served_client story({.address = port_80, .allow_half_open = true, .idle_timeout = 1s});
  for (int i = 0; i < 10; ++i) {
    story.w.pass(900ms);
    story.client.sends("x");
    story.handler.expects<an::data>();
  }
  for (int i = 0; i < 10; ++i) {
    story.w.pass(900ms);
    story.handler.asks(story.peer, an::write{an::text("x")}).value<an::written>();
  }
  story.w.pass(900ms);
  story.client.finishes();
  story.handler.expects<an::end>();
  CHECK(until_timeout(story) > 900ms);
}

TEST_CASE("pause, resume and questions are no activity") {
  served_client story({.address = port_80, .idle_timeout = 1s});
  story.w.pass(900ms);
  story.handler.asks(story.peer, an::pause{}).done();
  story.handler.asks(story.peer, an::resume{}).done();
  story.info();
  CHECK(until_timeout(story) <= 100ms);
}

TEST_CASE("bytes that nobody reads, because of pause, are no activity") {
  served_client story({.address = port_80, .idle_timeout = 1s});
  story.handler.sends(story.peer, an::pause{});
  story.w.pass(900ms);
  story.client.sends("x");
  CHECK(until_timeout(story) <= 100ms);
}

TEST_CASE("a write that is stuck times out after the silence, not after twice of it") {
  served_client story({.address = port_80, .idle_timeout = 1s});
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(1'000'000))});
  auto silence = until_timeout(story);
  CHECK(silence >= 1s);
  CHECK(silence < 1100ms);
}

TEST_CASE("a new timeout replaces the old one, and 0 switches it off") {
  served_client story({.address = port_80, .idle_timeout = 1s});
  story.handler.sends(story.peer, an::set_timeout{10'000});
  CHECK(until_timeout(story) == 10s);
  story.handler.sends(story.peer, an::set_timeout{2000});
  CHECK(until_timeout(story) == 2s);
  story.handler.sends(story.peer, an::set_timeout{500});
  story.handler.sends(story.peer, an::set_timeout{0});
  story.w.pass(1h);
  story.client.sends("x");
  story.handler.expects<an::data>();
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a timeout of any number is taken: the longest never comes, a negative one is none") {
  served_client story({.address = port_80, .idle_timeout = std::chrono::milliseconds::max()});
  for (auto each : {std::numeric_limits<std::int64_t>::max(), std::int64_t{-1},
                    std::numeric_limits<std::int64_t>::min()}) {
    story.handler.asks(story.peer, an::set_timeout{each}).done();
    story.w.pass(24h);
    CHECK(story.handler.has_no_event());
  }
}

TEST_CASE("no timeout after closed") {
  served_client story({.address = port_80, .idle_timeout = 1s});
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("while connecting a timeout may come before connected, and the attempt goes on") {
  reached_server story({.network = {.latency_min = 2s, .latency_max = 2s}});
  auto peer = story.connects({.address = port_90, .idle_timeout = 1s});
  CHECK(story.handler.expects<an::timeout>().peer == peer);
  CHECK(story.handler.expects<an::connected>().peer == peer);
  auto from = story.w.network().now();
  story.handler.expects<an::timeout>();
  CHECK(story.w.network().now() - from == 1s); // connecting was activity
}

TEST_CASE("set_timeout is allowed while connecting") {
  reached_server story;
  story.w.network().hang_connects(at_90);
  auto peer = story.connects();
  story.handler.asks(peer, an::set_timeout{3000}).done();
  auto from = story.w.network().now();
  story.handler.expects<an::timeout>();
  CHECK(story.w.network().now() - from == 3s);
}

namespace {

// A pipe from a client to a server that has stopped reading, in the middle of it.
struct blocked : an::test::forwarding {
  blocked() : forwarding({.address = port_80, .allow_half_open = true}) {
    connects();
    handler.asks(peer, an::pipe{.to = upstream, .end_sink = false}).done();
    handler.expects<an::piped>();
    w.run_until([&] { return servers.waiting() > 0; });
    server_side = servers.accepts();
    far_handler.expects<an::connected>();
    client.sends(pattern(300'000));
    w.run_until([&] { return server_side.received().size() == 300'000; });
    server_side.stops_reading();
    client.sends(pattern(1'000'000));
    w.pass(10s);
    far_handler.asks(upstream, an::set_timeout{20'000}).done();
    server_side.reads_at_most(30'000);
    w.pass(1s);
  }
};

} // namespace

TEST_CASE("a sink whose pipe ends while it is blocked is told of the silence") {
  blocked story;
  SECTION("the pipe is taken off") { story.handler.sends(story.peer, an::unpipe{}); }
  SECTION("the source is destroyed") {
    story.handler.asks(story.peer, an::destroy{}).done();
    story.far_handler.expects<an::source_lost>();
  }
  story.far_handler.expects<an::timeout>();
}

TEST_CASE("a timeout that no clock could count never comes") {
  constexpr auto for_ever = std::chrono::milliseconds::max();
  served_client story({.address = port_80, .idle_timeout = for_ever});
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(500'000))});
  story.w.pass(100h);
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.peer, an::set_timeout{for_ever.count()}).done();
  story.w.pass(100h);
  CHECK(story.handler.has_no_event());
}
