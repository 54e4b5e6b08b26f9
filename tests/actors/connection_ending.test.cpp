// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <caf/after.hpp>
#include <caf/skip.hpp>

#include <memory>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;

namespace {

constexpr std::size_t twenty_mb = 20 * 1000 * 1000;

an::connection_state state_of(served_client& story) { return story.info().state; }

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

caf::behavior echo_to_the_end(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); },
          [=](const an::end&) { self->send(peer, an::finish{}); }};
}

// Reads as a slow client does, 256 KiB every 10 ms, until it has the end.
std::string read_slowly(served_client& story) {
  std::string got;
  for (int steps = 0; steps < 10'000 && !story.client.got_end(); ++steps) {
    story.client.reads_at_most(256 * 1024);
    story.w.pass(10ms);
    got += story.client.takes();
  }
  return got;
}

} // namespace

TEST_CASE("without half-open the connection finishes by itself after the peer's end") {
  served_client story;
  story.client.finishes();
  story.handler.expects<an::end>();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  story.w.pass(1s);
  CHECK(story.client.got_end());
}

TEST_CASE("with half-open nothing is finished before the handler says so") {
  served_client story({.address = port_80, .allow_half_open = true});
  story.client.finishes();
  story.handler.expects<an::end>();
  story.w.pass(1h);
  CHECK_FALSE(story.client.got_end());
  CHECK(state_of(story) == an::connection_state::write_only);
  story.handler.asks(story.peer, an::write{an::text("still here")}).value<an::written>();
  story.handler.sends(story.peer, an::finish{});
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  story.w.pass(1s);
  CHECK(story.client.received() == "still here");
  CHECK(story.client.got_end());
}

TEST_CASE("writes made when the end is handled still go out, before the FIN") {
  auto last_words = [](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::end&) {
      self->send(peer, an::write{an::text("last ")});
      self->send(peer, an::write{an::text("words")});
    }};
  };
  served_client story({.address = port_80}, {}, last_words);
  story.client.finishes();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK(story.client.received() == "last words");
}

TEST_CASE("what is queued when the peer finishes is sent before the FIN") {
  served_client story;
  story.client.stops_reading();
  auto sent = pattern(1'000'000);
  story.handler.sends(story.peer, an::write{an::text(sent)});
  story.client.finishes();
  story.handler.expects<an::end>();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.client.reads();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  story.w.pass(1s);
  CHECK(story.client.received() == sent);
  CHECK(story.client.got_end());
}

TEST_CASE("who keeps a copy of the end puts off the FIN until it is gone") {
  served_client story;
  story.client.finishes();
  auto kept = std::make_unique<an::end>(story.handler.expects<an::end>());
  story.w.pass(1h);
  CHECK_FALSE(story.client.got_end());
  story.handler.asks(story.peer, an::write{an::text("meanwhile")}).value<an::written>();
  kept.reset();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  story.w.pass(1s);
  CHECK(story.client.received() == "meanwhile");
  CHECK(story.client.got_end());
}

TEST_CASE("a handler that skips the end puts off the FIN until it takes it") {
  auto later = [](caf::event_based_actor* self, an::connection) -> caf::behavior {
    self->set_default_handler(caf::skip);
    self->delayed_send(self, 5s, std::string("now"));
    return {[=](const std::string&) { self->become([](const an::end&) {}); }};
  };
  served_client story({.address = port_80}, {}, later);
  story.client.finishes();
  story.w.pass(4s);
  CHECK_FALSE(story.client.got_end());
  story.w.pass(2s);
  CHECK(story.client.got_end());
}

TEST_CASE("a handler without a case for the end is no reason not to finish") {
  served_client story({.address = port_80}, {}, echo);
  story.client.finishes();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
}

TEST_CASE("a slow handler has read everything, and written its answers, before the FIN") {
  // A second for each chunk: the peer's FIN is there long before the last of them.
  auto slow = [](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    self->set_default_handler(caf::skip);
    auto busy = [=](const an::data& event) {
      self->delayed_send(self, 1s, std::string(event.bytes.view()));
      self->become(caf::keep_behavior, [=](const std::string& bytes) {
        self->send(peer, an::write{an::text(bytes)});
        self->unbecome();
      });
    };
    return {busy, [](const an::connected&) {}, [](const an::end&) {}};
  };
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    served_client story({.address = port_80, .handlers = where}, {}, slow);
    auto sent = pattern(100'000);
    story.client.sends(sent);
    story.client.finishes();
    story.w.pass(500ms);
    CHECK_FALSE(story.client.got_end());
    CHECK(story.w.run_until([&] { return story.client.got_end(); }, 1h));
    CHECK(story.client.received() == sent);
  }
}

TEST_CASE("20 MB and FIN, sent at once by a slow reader, come back whole, and then FIN") {
  for (bool half_open : {false, true}) {
    CAPTURE(half_open);
    served_client story({.address = port_80, .allow_half_open = half_open}, {},
                        half_open ? an::handler(echo_to_the_end) : an::handler(echo));
    auto sent = pattern(twenty_mb);
    story.client.stops_reading();
    story.client.sends(sent);
    story.client.finishes();
    story.w.pass(1s);
    auto got = read_slowly(story);
    CHECK(got.size() == sent.size());
    CHECK((got == sent)); // not printed
    CHECK(story.client.got_end());
    CHECK(story.handler.asks(story.server, an::get_connections{}).value<an::connections>().count ==
          0);
  }
}

TEST_CASE("finish sends what is queued, then FIN, and is answered when the kernel has it") {
  served_client story({.address = port_80, .allow_half_open = true});
  story.client.stops_reading();
  auto sent = pattern(1'000'000);
  story.handler.sends(story.peer, an::write{an::text(sent)});
  auto finish = story.handler.asks(story.peer, an::finish{});
  story.w.pass(1s);
  CHECK_FALSE(finish.answered());
  story.client.reads();
  finish.done();
  story.w.pass(1s);
  CHECK(story.client.received() == sent);
  CHECK(story.client.got_end());
}

TEST_CASE("finish may bring the last bytes along") {
  served_client story;
  story.handler.sends(story.peer, an::write{an::text("first, ")});
  story.handler.asks(story.peer, an::finish{an::text("last")}).done();
  story.w.pass(1s);
  CHECK(story.client.received() == "first, last");
  CHECK(story.client.got_end());
}

TEST_CASE("after finish everything that the peer sends is still received") {
  served_client story;
  story.handler.asks(story.peer, an::finish{}).done();
  CHECK(state_of(story) == an::connection_state::read_only);
  story.client.sends("an answer");
  story.client.finishes();
  CHECK(story.handler.expects_bytes(9) == "an answer");
  story.handler.expects<an::end>();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
}

TEST_CASE("a finished connection waits for the peer's end for as long as it takes") {
  served_client story;
  story.handler.asks(story.peer, an::finish{}).done();
  story.w.pass(24h);
  CHECK(story.handler.has_no_event());
  CHECK(state_of(story) == an::connection_state::read_only);
}

TEST_CASE("a second finish is answered with the first, and also when that is long done") {
  served_client story;
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(1'000'000))});
  auto first = story.handler.asks(story.peer, an::finish{});
  auto second = story.handler.asks(story.peer, an::finish{});
  story.w.pass(1s);
  CHECK_FALSE(first.answered());
  CHECK_FALSE(second.answered());
  story.client.reads();
  first.done();
  second.done();
  story.handler.asks(story.peer, an::finish{}).done();
}

TEST_CASE("a second finish with bytes fails with EPIPE and disturbs nothing") {
  served_client story;
  auto first = story.handler.asks(story.peer, an::finish{an::text("one")});
  auto second = story.handler.asks(story.peer, an::finish{an::text("two")});
  CHECK(second.failure().code() == "EPIPE");
  first.done();
  story.handler.sends(story.peer, an::finish{an::text("three")});
  CHECK(story.handler.expects<an::write_failed>().bytes == 5);
  story.w.pass(1s);
  CHECK(story.client.received() == "one");
}

TEST_CASE("finish with bytes that do not fit into the queue fails, and does not finish") {
  served_client story({.address = port_80, .write_queue_bytes_max = 4});
  CHECK(story.handler.asks(story.peer, an::finish{an::text("five!")}).failure().code() ==
        "ENOBUFS");
  story.handler.asks(story.peer, an::finish{an::text("four")}).done();
}

TEST_CASE("finish of a closed connection fails with ENOTCONN") {
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  CHECK(story.handler.asks(story.peer, an::finish{}).failure().code() == "ENOTCONN");
}

TEST_CASE("both may finish at once") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    served_client story({.address = port_80}, {.network = {.seed = seed}});
    story.client.finishes();
    story.handler.sends(story.peer, an::finish{an::text("bye")});
    story.handler.expects<an::end>();
    CHECK_FALSE(story.handler.expects<an::closed>().had_error);
    story.w.pass(1s);
    CHECK(story.client.received() == "bye");
    CHECK(story.client.got_end());
  }
}

TEST_CASE("after the automatic FIN a write fails with EPIPE") {
  served_client story;
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(1'000'000))}); // keeps it open
  story.client.finishes();
  story.handler.expects<an::end>();
  story.w.pass(1s);
  CHECK(story.handler.asks(story.peer, an::write{an::text("late")}).failure().code() == "EPIPE");
}

TEST_CASE("the end waits for unread bytes: no FIN while the handler has not taken all of them") {
  served_client story({.address = port_80, .receive_window_bytes = 10'000});
  auto sent = pattern(100'000);
  story.client.sends(sent);
  story.client.finishes();
  story.w.pass(10s);
  CHECK_FALSE(story.client.got_end());
  CHECK(story.handler.expects_bytes(sent.size()) == sent);
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
  story.w.pass(1s);
  CHECK(story.client.got_end());
}
