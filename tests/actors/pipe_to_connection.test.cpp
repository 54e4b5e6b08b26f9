// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/forwarding.hpp"

#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::forwarding;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;

namespace {

an::listen_options half_open() { return {.address = port_80, .allow_half_open = true}; }

} // namespace

TEST_CASE("two connections piped into each other forward everything, and both ends") {
  forwarding story(half_open());
  story.connects();
  story.both_ways();
  const auto there = pattern(400'000);
  const auto back = pattern(300'000);
  story.client.sends(there);
  story.server_side.sends(back);
  story.client.finishes();
  CHECK(story.w.run_until([&] { return story.server_side.got_end(); }));
  CHECK((story.server_side.received() == there));
  CHECK_FALSE(story.client.got_end());
  story.server_side.finishes();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK((story.client.received() == back));
  CHECK(story.handler.expects<an::unpiped>().bytes == there.size());
  story.handler.expects<an::end>();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  CHECK(story.far_handler.expects<an::unpiped>().bytes == back.size());
  story.far_handler.expects<an::end>();
  CHECK_FALSE(story.far_handler.expects<an::closed>().had_error);
}

TEST_CASE("a slow reader holds back who sends to it through a pipe, and memory is bounded") {
  forwarding story(half_open());
  story.connects();
  story.both_ways();
  story.server_side.stops_reading();
  const auto sent = pattern(3'000'000);
  story.client.sends(sent);
  story.w.pass(60s);
  auto info = story.info();
  CHECK(info.window_held <= info.window_max + 128 * 1024);
  CHECK(info.bytes_read < 600'000);
  story.server_side.reads();
  story.client.finishes();
  CHECK(story.w.run_until([&] { return story.server_side.got_end(); }));
  CHECK((story.server_side.received() == sent));
}

TEST_CASE("a pipe to a connection that is being made waits, and fails with it") {
  forwarding story;
  story.w.network().refuse_connects(endpoint::loopback_ipv4(90));
  story.connects();
  auto asked = story.handler.asks(story.peer, an::pipe{.to = story.upstream});
  CHECK(asked.failure().code() == "ECONNREFUSED");
  story.client.sends("still ours");
  CHECK(story.handler.expects_bytes(10) == "still ours");
}

TEST_CASE("a reset goes through a pipe that ends its sink") {
  forwarding story(half_open());
  story.connects();
  story.both_ways();
  story.client.resets();
  CHECK(story.w.run_until([&] { return story.server_side.was_reset(); }));
  CHECK(story.far_handler.expects<an::source_lost>().why.code() == "ECONNRESET");
  CHECK(story.far_handler.expects<an::unpiped>().reason == an::unpipe_reason::source_closed);
  CHECK(story.far_handler.expects<an::closed>().reason == an::close_reason::reset_by_us);
}

TEST_CASE("a sink that is reset gives back what it did not send, for the next") {
  forwarding story(half_open(), an::test::without_chance());
  story.connects();
  story.handler.asks(story.peer, an::pipe{.to = story.upstream}).done();
  story.handler.expects<an::piped>();
  story.w.run_until([&] { return story.servers.waiting() > 0; });
  story.server_side = story.servers.accepts();
  story.server_side.stops_reading();
  const auto sent = pattern(400'000);
  story.client.sends(sent);
  story.w.pass(10s);
  story.server_side.resets();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.reason == an::unpipe_reason::sink_failed);
  CHECK(over.why.code() == "ECONNRESET");
  CHECK(over.bytes > 0);
  CHECK(over.bytes < sent.size());
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK((story.handler.expects_bytes(sent.size() - over.bytes) == sent.substr(over.bytes)));
}

TEST_CASE("a pipeline ends with the end of either side") {
  forwarding story;
  story.connects(false);
  story.both_ways({.to = {}, .pipeline = true});
  story.client.sends("the last words");
  story.client.finishes();
  CHECK(story.w.run_until([&] { return story.server_side.got_end(); }));
  CHECK(story.server_side.received() == "the last words");
  story.handler.expects<an::unpiped>();
  story.handler.expects<an::end>();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  story.w.pass(60s);
  story.far_handler.expects<an::unpiped>();
  CHECK_FALSE(story.far_handler.expects<an::closed>().had_error);
}

TEST_CASE("a connection piped into itself is an echo") {
  served_client story;
  story.handler.asks(story.peer, an::pipe{.to = story.peer}).done();
  story.handler.expects<an::piped>();
  const auto sent = pattern(200'000);
  story.client.sends(sent);
  story.client.finishes();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK((story.client.received() == sent));
  CHECK(story.handler.expects<an::unpiped>().bytes == sent.size());
  story.handler.expects<an::end>();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
}

TEST_CASE("writes of the program go between those of a pipe, and their drain is not the pipe's") {
  const bool by_chunks = GENERATE(false, true); // which wait in the queue
  forwarding story(half_open());
  story.w.network().refuse_pumps(by_chunks);
  story.connects();
  story.both_ways();
  story.server_side.stops_reading();
  story.client.sends(pattern(1'000'000));
  story.w.pass(10s);
  auto asked = story.far_handler.asks(story.upstream, an::write{an::text("!")});
  CHECK(story.far_handler.has_no_event());
  story.server_side.reads();
  auto written = asked.value<an::written>();
  CHECK(written.bytes == 1);
  if (by_chunks)
    CHECK_FALSE(written.keep_going);
  CHECK(story.w.run_until([&] { return story.server_side.received().size() == 1'000'001; }));
  if (!written.keep_going)
    story.far_handler.expects<an::drain>();
  CHECK(story.far_handler.has_no_event());
  // As much again that is the pipe's alone.
  story.server_side.stops_reading();
  story.client.sends(pattern(1'000'000));
  story.w.pass(10s);
  auto info = story.far_handler.asks(story.upstream, an::get_info{}).value<an::connection_info>();
  CHECK((!by_chunks || info.buffered > 64 * 1024));
  story.server_side.reads();
  CHECK(story.w.run_until([&] { return story.server_side.received().size() == 2'000'001; }));
  CHECK(story.far_handler.has_no_event());
}

TEST_CASE("an actor of the program can be a sink") {
  served_client story({.address = port_80, .receive_window_bytes = 10'000});
  an::testkit::probe program(story.w);
  std::string got;
  std::vector<caf::typed_response_promise<an::transferred>> due;
  std::size_t ready = 0;
  auto made = story.w.system().spawn(
      [&](an::sink::pointer self, int) -> an::sink::behavior_type {
        return {
            [&](const an::join_sink&) { ++ready; },
            [&, self](const an::transfer& what) {
              got += what.bytes.view();
              due.push_back(self->make_response_promise<an::transferred>());
              return due.back();
            },
            [](const an::take_back&) {},
            [&](const an::leave_sink&) { --ready; },
        };
      },
      0);
  story.handler.asks(story.peer, an::pipe{.to = made}).done();
  story.handler.expects<an::piped>();
  CHECK(ready == 1);
  const auto sent = pattern(300'000);
  story.client.sends(sent);
  story.client.finishes();
  story.w.pass(10s);
  CHECK(got.size() < 100'000); // what is not answered holds the peer back
  std::size_t answered = 0;
  for (int rounds = 0; ready > 0 && rounds < 1000; ++rounds) {
    for (; answered < due.size(); ++answered)
      due[answered].deliver(an::transferred{sent.size(), false, {}});
    story.w.pass(10ms);
  }
  CHECK(ready == 0);
  CHECK((got == sent));
  CHECK(story.handler.expects<an::unpiped>().bytes == sent.size());
}
