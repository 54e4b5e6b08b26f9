// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/event_log.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::event_log;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;
using an::test::spawned;

namespace {

using questions = std::vector<an::testkit::probe::question>;

// Ten writes of which the kernel cannot take all, and a finish behind them.
questions ask_for_more_than_fits(served_client& story) {
  story.client.stops_reading();
  questions asked;
  for (int i = 0; i < 10; ++i)
    asked.push_back(story.handler.asks(story.peer, an::write{an::text(pattern(30'000))}));
  return asked;
}

// In order: some were written, all behind them failed with `code`; each is answered once.
void check_cut_off(questions& asked, const std::string& code) {
  bool cut = false;
  for (auto& each : asked) {
    REQUIRE(each.answered());
    try {
      auto written = each.value<an::written>();
      CHECK_FALSE(cut);
      CHECK(written.bytes == 30'000);
      continue;
    } catch (const an::testkit::unexpected_message& other) {
      CHECK_THAT(other.what(), Catch::Matchers::ContainsSubstring(code));
      cut = true;
    }
    CHECK_FALSE(each.answered());
  }
  CHECK(cut);
}

} // namespace

TEST_CASE("destroy closes at once, without an error and without an end") {
  served_client story;
  story.handler.asks(story.peer, an::destroy{}).done();
  auto closed = story.handler.expects<an::closed>();
  CHECK_FALSE(closed.had_error);
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  CHECK(story.client.got_end());
}

TEST_CASE("destroy still delivers what the kernel has") {
  served_client story;
  story.handler.asks(story.peer, an::write{an::text("in the kernel")}).value<an::written>();
  story.handler.sends(story.peer, an::destroy{});
  story.w.pass(1s);
  CHECK(story.client.received() == "in the kernel");
  CHECK(story.client.got_end());
}

TEST_CASE("destroy with bytes unread resets the peer") {
  served_client story({.address = port_80, .pause_on_connect = true});
  story.client.sends("never read");
  story.w.pass(1s);
  story.handler.sends(story.peer, an::destroy{});
  story.w.pass(1s);
  CHECK(story.client.was_reset());
}

TEST_CASE("destroy in the middle: what was cut off fails with ECANCELED, each once") {
  served_client story;
  auto asked = ask_for_more_than_fits(story);
  auto finish = story.handler.asks(story.peer, an::finish{});
  story.w.pass(1s);
  story.handler.sends(story.peer, an::destroy{});
  CHECK(finish.failure().code() == "ECANCELED");
  check_cut_off(asked, "ECANCELED");
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("100,000 writes and a destroy in their middle: each is answered once, in order") {
  served_client story;
  story.client.stops_reading();
  int written = 0;
  int failed = 0;
  auto counter = spawned(story.w.system(), [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const an::connected& event) {
      for (int i = 0; i < 100'000; ++i)
        self->request(event.peer, caf::infinite, an::write{an::text("0123456789")})
            .then(
                [&](const an::written&) {
                  CHECK(failed == 0);
                  ++written;
                },
                [&](const caf::error& why) {
                  CHECK(an::error_of(why)->code() == "ECANCELED");
                  ++failed;
                });
    }};
  });
  story.handler.sends(story.peer, an::set_handler{counter});
  story.w.pass(1s);
  CHECK(written > 1000);
  CHECK(failed == 0);
  story.handler.sends(story.peer, an::destroy{});
  story.w.pass(1s);
  CHECK(failed > 1000);
  CHECK(written + failed == 100'000);
}

TEST_CASE("a reset by the peer fails the writes with ECONNRESET, then tells failed and closed") {
  served_client story;
  auto asked = ask_for_more_than_fits(story);
  auto finish = story.handler.asks(story.peer, an::finish{});
  story.w.pass(1s);
  story.client.resets();
  auto failed = story.handler.expects<an::failed>();
  CHECK(failed.why.code() == "ECONNRESET");
  CHECK(failed.why.address == "127.0.0.1");
  CHECK(failed.why.port == story.client.local().port());
  auto closed = story.handler.expects<an::closed>();
  CHECK(closed.had_error);
  CHECK(closed.bytes_written > 0);
  CHECK(finish.failure().code() == "ECONNRESET");
  check_cut_off(asked, "ECONNRESET");
}

TEST_CASE("plain writes that a reset cut off are told in one event, before failed") {
  served_client story;
  story.client.stops_reading();
  for (int i = 0; i < 10; ++i)
    story.handler.sends(story.peer, an::write{an::text(pattern(100'000))});
  story.w.pass(1s);
  story.client.resets();
  auto lost = story.handler.expects<an::write_failed>();
  CHECK(lost.why.code() == "ECONNRESET");
  CHECK(lost.bytes % 100'000 == 0);
  CHECK(lost.bytes >= 800'000);
  story.handler.expects<an::failed>();
  auto closed = story.handler.expects<an::closed>();
  CHECK(closed.bytes_written > 0);
  CHECK(closed.bytes_written >= 1'000'000 - lost.bytes);
}

TEST_CASE("reset sends RST, and what was queued fails with ECONNRESET") {
  served_client story;
  auto asked = ask_for_more_than_fits(story);
  story.w.pass(1s);
  story.handler.asks(story.peer, an::reset{}).done();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  check_cut_off(asked, "ECONNRESET");
  story.w.pass(1s);
  CHECK(story.client.was_reset());
  CHECK_FALSE(story.client.got_end());
}

TEST_CASE("a connection that breaks under a writer is told once, whichever side notices first") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    event_log log;
    served_client story({.address = port_80}, {.network = {.seed = seed}});
    auto writer = spawned(story.w.system(),
                          [&](caf::event_based_actor*) { return event_log::recorded_by(log); });
    story.handler.asks(story.peer, an::set_handler{writer}).done();
    story.client.closes();
    for (int i = 0; i < 20; ++i) {
      story.handler.sends(story.peer, an::write{an::text("to nobody")});
      story.w.pass(50us);
    }
    story.w.pass(1s);
    // Whether our FIN went out before the RST came back is the network's choice.
    CHECK(log.count("end") <= 1);
    CHECK(log.count("failed") <= 1);
    REQUIRE(log.count("closed") == 1);
    CHECK(log.names.back() == "closed");
    CHECK(log.endings[0].had_error == (log.count("failed") == 1));
  }
}

TEST_CASE("what had arrived is still told when sending broke first") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    served_client story({.address = port_80}, {.network = {.seed = seed}});
    auto sent = pattern(20'000);
    story.client.sends(sent);
    story.client.finishes();
    story.w.network().advance_to(story.w.network().now() + 1s); // it has arrived, unread
    story.w.network().reset_stream(at_80, story.client.local());
    story.handler.sends(story.peer, an::write{an::text("too late")});
    CHECK(story.handler.expects<an::write_failed>().bytes == 8);
    CHECK((story.handler.expects_bytes(sent.size()) == sent));
    story.handler.expects<an::failed>();
    CHECK(story.handler.expects<an::closed>().had_error);
    CHECK(story.handler.has_no_event());
  }
}

TEST_CASE("a paused connection with output under way notices that it broke, and rests") {
  served_client story;
  auto asked = ask_for_more_than_fits(story);
  story.handler.sends(story.peer, an::pause{});
  story.w.pass(1s);
  story.client.resets();
  story.handler.expects<an::failed>();
  story.handler.expects<an::closed>();
  check_cut_off(asked, "ECONNRESET");
  story.w.settle(); // does not throw: nobody is busy for ever
}

TEST_CASE("a half-open connection that is reset behind its output breaks once") {
  served_client story({.address = port_80, .allow_half_open = true});
  auto asked = ask_for_more_than_fits(story);
  story.client.finishes();
  story.handler.expects<an::end>();
  story.w.pass(1s);
  story.client.resets();
  story.handler.expects<an::failed>();
  CHECK(story.handler.expects<an::closed>().had_error);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a closed connection still answers what it is asked") {
  served_client story;
  story.client.sends("abc");
  story.handler.expects_bytes(3);
  story.handler.asks(story.peer, an::write{an::text("hello")}).value<an::written>();
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  auto info = story.info();
  CHECK(info.state == an::connection_state::closed);
  CHECK(info.bytes_read == 3);
  CHECK(info.bytes_written == 5);
  CHECK(info.buffered == 0);
  auto known = story.handler.asks(story.peer, an::get_address{}).value<an::addresses>();
  CHECK(known.local == at_80);
  CHECK(known.remote == story.client.local());
}

TEST_CASE("every command to a closed connection is answered") {
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  auto fails = [&](auto command) {
    CHECK(story.handler.asks(story.peer, command).failure().code() == "ENOTCONN");
  };
  fails(an::destroy{});
  fails(an::reset{});
  fails(an::pause{});
  fails(an::resume{});
  fails(an::set_handler{story.handler.actor()});
  fails(an::set_encoding{});
  fails(an::set_timeout{1});
  fails(an::set_lifetime{1});
  fails(an::set_keep_alive{});
  fails(an::set_no_delay{});
  fails(an::set_type_of_service{});
  fails(an::set_buffer_sizes{});
  fails(an::set_user_timeout{});
  fails(an::set_socket_option{});
  fails(an::get_socket_option{});
  fails(an::finish{});
  fails(an::finish_then_destroy{});
  fails(an::wind_down{});
  fails(an::pipe{});
  fails(an::unpipe{});
  fails(an::join_sink{});
  auto given = story.handler.asks(story.peer, an::transfer{an::text("x")}).value<an::transferred>();
  CHECK(given.bytes == 0);
  CHECK(given.had_error);
  CHECK(given.why.code() == "ENOTCONN");
  story.handler.asks(story.peer, an::leave_sink{}).done();
  story.handler.asks(story.peer, an::ref{}).done();
  story.handler.asks(story.peer, an::unref{}).done();
  CHECK(story.handler.has_no_event());
}

TEST_CASE("nothing is read after destroy, not even what had been on its way to the handler") {
  served_client story;
  story.client.sends(pattern(100'000));
  std::size_t told = story.handler.expects<an::data>().bytes.size();
  const auto read_before = story.info().bytes_read;
  CHECK(read_before < 100'000);
  story.handler.sends(story.peer, an::destroy{});
  story.w.pass(1s);
  // What was told before is told; then comes the end of it.
  while (told < read_before)
    told += story.handler.expects<an::data>().bytes.size();
  CHECK(told == read_before);
  CHECK(story.handler.expects<an::closed>().bytes_read == read_before);
  CHECK(story.handler.has_no_event());
  CHECK(story.info().bytes_read == read_before);
}

TEST_CASE("a connection gives its descriptor back however it ends") {
  served_client story;
  auto open = story.w.network().open_descriptors();
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  CHECK(story.w.network().open_descriptors() == open - 1);
  for (bool resets : {false, true}) {
    auto client = one_more_client(story);
    auto peer = story.handler.expects<an::connected>().peer;
    CHECK(story.w.network().open_descriptors() == open);
    if (resets)
      client.resets();
    else
      client.finishes();
    story.w.pass(1s);
    story.handler.sends(peer, an::destroy{}); // may be closed already
    while (!story.handler.has_no_event()) {
      try {
        story.handler.expects<an::closed>();
      } catch (const an::testkit::unexpected_message&) {
      }
    }
    story.w.pass(1s);
    CHECK(story.w.network().open_descriptors() == open - 1);
  }
}
