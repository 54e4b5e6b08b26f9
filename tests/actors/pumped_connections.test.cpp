// SPDX-License-Identifier: BSD-3-Clause

// What a pipe to a connection does while the kernel moves its bytes; by chunks the same is
// observed, so each of these also holds with ACTORNET_DELIVERY=plain.

#include "support/catch.hpp"
#include "support/forwarding.hpp"

#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::forwarding;
using an::test::pattern;
using an::test::port_80;

namespace {

bool is_by_chunks() { return an::test::chosen_delivery() == an::delivery::plain; }

an::listen_options half_open() { return {.address = port_80, .allow_half_open = true}; }

/// A pipe in one direction, whose reader has stopped, and everything between is full.
struct blocked : forwarding {
  explicit blocked(an::listen_options chosen = half_open()) : forwarding(std::move(chosen)) {
    connects();
    handler.asks(peer, an::pipe{.to = upstream}).done();
    handler.expects<an::piped>();
    w.run_until([&] { return servers.waiting() > 0; });
    server_side = servers.accepts();
    far_handler.expects<an::connected>();
    client.sends(sent.substr(0, flowing)); // enough to be bulk
    w.run_until([&] { return server_side.received().size() == flowing; });
    server_side.stops_reading();
    client.sends(sent.substr(flowing));
    w.pass(10s);
  }

  an::connection_info far_info() {
    return far_handler.asks(upstream, an::get_info{}).value<an::connection_info>();
  }

  static constexpr std::size_t flowing = 300'000;
  const std::string sent = pattern(1'300'000);
};

} // namespace

TEST_CASE("between connections of a loop no received byte is held") {
  blocked story;
  CHECK((story.info().window_held > 0) == is_by_chunks());
  CHECK(story.far_info().bytes_written > 0);
  story.server_side.reads();
  story.client.finishes();
  CHECK(story.w.run_until([&] { return story.server_side.got_end(); }));
  CHECK((story.server_side.received() == story.sent));
  CHECK(story.info().bytes_read == story.sent.size());
  CHECK(story.far_info().bytes_written == story.sent.size());
  CHECK(story.handler.expects<an::unpiped>().bytes == story.sent.size());
}

TEST_CASE("small pieces between connections go as chunks, which is cheaper") {
  forwarding story(half_open());
  story.connects();
  story.handler.asks(story.peer, an::pipe{.to = story.upstream}).done();
  story.handler.expects<an::piped>();
  story.w.run_until([&] { return story.servers.waiting() > 0; });
  story.server_side = story.servers.accepts();
  for (int i = 0; i < 100; ++i) {
    story.client.sends("small");
    story.w.pass(10ms);
  }
  story.server_side.stops_reading();
  for (int i = 0; i < 1000 && story.info().window_held == 0; ++i) {
    story.client.sends(pattern(1000));
    story.w.pass(10ms);
  }
  CHECK(story.info().window_held > 0);
}

TEST_CASE("unpipe tells exactly what the other connection has, and the rest is the handler's") {
  blocked story;
  auto asked = story.handler.asks(story.peer, an::unpipe{});
  story.server_side.reads(); // chunks that it was given are not taken back
  asked.done();
  const auto had = story.handler.expects<an::unpiped>().bytes;
  CHECK(had < story.sent.size());
  story.handler.asks(story.peer, an::resume{}).done();
  const auto rest = story.handler.expects_bytes(story.sent.size() - had);
  CHECK(story.w.run_until([&] { return story.server_side.received().size() == had; }));
  CHECK((story.server_side.received() + rest == story.sent));
}

TEST_CASE("what pauses and what resumes keep their order while bytes are pumped") {
  blocked story;
  story.handler.sends(story.peer, an::pause{});
  story.handler.sends(story.peer, an::resume{});
  story.server_side.reads();
  CHECK(story.w.run_until([&] { return story.server_side.received() == story.sent; }));
  story.handler.sends(story.peer, an::resume{});
  story.handler.asks(story.peer, an::pause{}).done();
  story.client.sends("late");
  story.w.pass(10s);
  CHECK((story.server_side.received() == story.sent));
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK(story.w.run_until([&] { return story.server_side.received() == story.sent + "late"; }));
}

TEST_CASE("a write to a connection that is pumped into leaves before what was not sent yet") {
  blocked story;
  const auto had = story.far_info().bytes_written;
  auto asked = story.far_handler.asks(story.upstream, an::write{an::text("!")});
  story.far_handler.sends(story.upstream, an::write{an::text("?")});
  story.w.pass(1s);
  story.server_side.reads();
  CHECK(asked.value<an::written>().bytes == 1);
  CHECK(story.w.run_until(
      [&] { return story.server_side.received().size() == story.sent.size() + 2; }));
  auto got = story.server_side.received();
  const auto at = got.find("!?"); // the pattern has these two nowhere
  REQUIRE(at != got.npos);
  CHECK(at >= had);
  CHECK((got.erase(at, 2) == story.sent));
  story.client.sends("more");
  story.client.finishes();
  CHECK(story.handler.expects<an::unpiped>().bytes == story.sent.size() + 4);
}

TEST_CASE("finish of a connection that is pumped into takes its source off, with an exact count") {
  blocked story;
  auto asked = story.far_handler.asks(story.upstream, an::finish{an::text("the end")});
  story.server_side.reads();
  asked.done();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.reason == an::unpipe_reason::sink_closed);
  CHECK(story.w.run_until([&] { return story.server_side.got_end(); }));
  auto got = story.server_side.received();
  const auto at = got.rfind("the end");
  REQUIRE(at == got.size() - 7);
  CHECK(over.bytes == at);
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK((got.substr(0, at) + story.handler.expects_bytes(story.sent.size() - at) == story.sent));
}

TEST_CASE(
    "a connection that is destroyed while it is pumped into loses none of its source's bytes") {
  const bool is_reset = GENERATE(true, false);
  blocked story;
  const auto had = story.far_info().bytes_written;
  if (is_reset)
    story.far_handler.asks(story.upstream, an::reset{}).done();
  else
    story.far_handler.asks(story.upstream, an::destroy{}).done();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.bytes == had);
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK((story.handler.expects_bytes(story.sent.size() - over.bytes) ==
         story.sent.substr(over.bytes)));
}

TEST_CASE("a second source stops the pump of the first, and both get through") {
  blocked story;
  auto second = an::test::one_more_client(story);
  auto second_peer = story.handler.expects<an::connected>().peer;
  story.handler.asks(second_peer, an::pipe{.to = story.upstream}).done();
  story.handler.expects<an::piped>();
  second.sends(std::string(100'000, '\1'));
  second.finishes();
  story.client.finishes();
  story.server_side.reads();
  CHECK(story.w.run_until([&] { return story.server_side.got_end(); }));
  CHECK(story.server_side.received().size() == story.sent.size() + 100'000);
}

TEST_CASE("idle timers know what a pump moves, and what the peer acknowledges meanwhile") {
  forwarding story(half_open());
  story.upstream = *story.w.net().connect(
      {.address = "tcp://127.0.0.1:90", .allow_half_open = true, .idle_timeout = 10s},
      story.far_handler.actor());
  story.handler.asks(story.peer, an::pipe{.to = story.upstream}).done();
  story.handler.asks(story.peer, an::set_timeout{10'000}).done();
  story.handler.expects<an::piped>();
  story.far_handler.expects<an::connected>();
  for (int i = 0; i < 5; ++i) {
    story.w.pass(6s);
    story.client.sends("x");
  }
  story.w.pass(6s);
  CHECK(story.handler.has_no_event());
  CHECK(story.far_handler.has_no_event());
  story.handler.expects<an::timeout>();
  story.far_handler.expects<an::timeout>();
}

TEST_CASE("a peer that takes what is pumped too slowly breaks its connection") {
  forwarding story(half_open());
  story.upstream = *story.w.net().connect(
      {.address = "tcp://127.0.0.1:90", .allow_half_open = true, .write_stall_timeout = 5s},
      story.far_handler.actor());
  story.handler.asks(story.peer, an::pipe{.to = story.upstream}).done();
  story.handler.expects<an::piped>();
  story.far_handler.expects<an::connected>();
  story.w.run_until([&] { return story.servers.waiting() > 0; });
  story.server_side = story.servers.accepts();
  story.server_side.stops_reading();
  const auto sent = pattern(1'000'000);
  story.client.sends(sent);
  CHECK(story.far_handler.expects<an::failed>().why.code() == "ETIMEDOUT");
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.reason == an::unpipe_reason::sink_failed);
  CHECK(over.why.code() == "ETIMEDOUT");
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK((story.handler.expects_bytes(sent.size() - over.bytes) == sent.substr(over.bytes)));
}

TEST_CASE("a file behind a head that is still queued is pumped all the same") {
  an::test::served_client story;
  an::testkit::probe owner(story.w);
  const auto bytes = pattern(3'000'000);
  story.w.network().put_file("/files/in", bytes);
  auto source = *story.w.net().open_source({.path = "/files/in"}, owner.actor());
  story.client.stops_reading();
  const auto head = std::string(70'000, '\1');
  story.handler.sends(story.peer, an::write{an::text(head)});
  owner.asks(source, an::pipe{.to = story.peer}).done();
  story.w.pass(1s);
  story.client.reads();
  CHECK(story.w.run_until([&] { return story.client.received().size() > 1'000'000; }));
  story.client.stops_reading();
  story.w.pass(10s);
  const auto info = owner.asks(source, an::get_info{}).value<an::source_info>();
  CHECK((info.window_held > 0) == is_by_chunks());
  story.client.reads();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK((story.client.received() == head + bytes));
}

TEST_CASE("what is opened near a connection is on its loop, from wherever") {
  an::testkit::world::options how;
  how.loops = 3;
  forwarding story(half_open(), how);
  for (int i = 0; i < 6; ++i) { // by chance one of them would not be, in turn two of three
    auto far =
        *story.w.net().connect({.address = "tcp://127.0.0.1:90", .near = story.peer}, caf::actor());
    story.handler.asks(story.peer, an::pipe{.to = far, .end_sink = false}).done();
    story.handler.expects<an::piped>();
    auto server = story.servers.accepts();
    story.client.sends(pattern(300'000));
    story.w.pass(1s);
    server.stops_reading();
    story.client.sends(pattern(300'000));
    story.w.pass(1s);
    CHECK((story.info().window_held > 0) == is_by_chunks());
    auto asked = story.handler.asks(story.peer, an::unpipe{});
    server.reads();
    asked.done();
    story.handler.expects<an::unpiped>();
  }
  for (int i = 0; i < 6; ++i) {
    const auto path = "/files/" + std::to_string(i);
    auto sink = *story.w.net().open_sink({.path = path, .near = story.peer});
    story.handler.asks(story.peer, an::pipe{.to = sink}).done();
    story.handler.expects<an::piped>();
    story.w.pass(1s);
    story.w.network().hang_file(path);
    story.client.sends(pattern(300'000));
    story.w.pass(1s);
    CHECK((story.info().window_held > 0) == is_by_chunks());
    story.w.network().continue_file(path);
    story.handler.asks(story.peer, an::unpipe{}).done();
    story.handler.expects<an::unpiped>();
  }
}
