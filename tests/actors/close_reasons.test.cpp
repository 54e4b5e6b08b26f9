// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <cerrno>

// A handler learns from `closed` alone why its connection is over.

using namespace std::chrono_literals;
namespace an = actornet;
using an::close_reason;
using an::test::pattern;
using an::test::port_80;
using an::test::reached_server;
using an::test::served_client;

TEST_CASE("a connection that both sides finished has ended") {
  served_client story;
  story.client.finishes();
  story.handler.expects<an::end>();
  auto last = story.handler.expects<an::closed>();
  CHECK(last.reason == close_reason::ended);
  CHECK_FALSE(last.had_error);
}

TEST_CASE("a connection closed by destroy says so") {
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  auto last = story.handler.expects<an::closed>();
  CHECK(last.reason == close_reason::destroyed);
  CHECK_FALSE(last.had_error);
}

TEST_CASE("a connection closed by our reset says so") {
  served_client story;
  story.handler.sends(story.peer, an::reset{});
  auto last = story.handler.expects<an::closed>();
  CHECK(last.reason == close_reason::reset_by_us);
  CHECK_FALSE(last.had_error);
  story.w.pass(1s);
  CHECK(story.client.was_reset());
}

TEST_CASE("a connection that the peer reset says so") {
  served_client story;
  story.client.resets();
  story.handler.expects<an::failed>();
  auto last = story.handler.expects<an::closed>();
  CHECK(last.reason == close_reason::reset_by_peer);
  CHECK(last.had_error);
}

TEST_CASE("a reset that comes behind the peer's end is one of the peer, too") {
  served_client story({.address = port_80, .allow_half_open = true});
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(1'000'000))});
  story.client.finishes();
  story.handler.expects<an::end>();
  story.client.resets();
  story.handler.expects<an::write_failed>();
  CHECK(story.handler.expects<an::failed>().why.number == EPIPE);
  CHECK(story.handler.expects<an::closed>().reason == close_reason::reset_by_peer);
}

TEST_CASE("a connection that was never made has failed") {
  reached_server story;
  story.w.network().refuse_connects(an::test::at_80);
  story.connects({.address = port_80});
  story.handler.expects<an::failed>();
  auto last = story.handler.expects<an::closed>();
  CHECK(last.reason == close_reason::failed);
  CHECK(last.had_error);
}

TEST_CASE("a connection that a linked actor's failure took down says so") {
  served_client story;
  auto linked = an::test::spawned(
      story.w.system(), [peer = story.peer](caf::event_based_actor* self) -> caf::behavior {
        self->link_to(peer);
        return {[=](int) { self->quit(caf::exit_reason::user_shutdown); }};
      });
  story.w.settle();
  story.handler.sends(linked, 1);
  auto last = story.handler.expects<an::closed>();
  CHECK(last.reason == close_reason::handler_failed);
  CHECK_FALSE(last.had_error);
}

TEST_CASE("a connection that was open when the runtime ended says so") {
  served_client story;
  story.w.net().stop();
  auto last = story.handler.expects<an::closed>();
  CHECK(last.reason == close_reason::shut_down);
  CHECK_FALSE(last.had_error);
}
