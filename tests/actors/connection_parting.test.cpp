// SPDX-License-Identifier: BSD-3-Clause

// The last words of a connection that wants to hear no more: they arrive, whatever the peer still
// sends, and the connection does not wait for ever.

#include "support/catch.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"

#include <caf/event_based_actor.hpp>

#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::pattern;
using an::test::port_80;
using an::test::reached_server;
using an::test::served_client;

namespace {

constexpr std::size_t one_mb = 1'000'000;

// A handler that answers the first bytes and quits.
caf::behavior answers_once(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data&) {
    self->send(peer, an::write{an::text("good bye")});
    self->quit();
  }};
}

} // namespace

TEST_CASE("finish_then_destroy sends everything, then closes when the peer finishes") {
  served_client story;
  story.handler.sends(story.peer, an::write{an::text("first ")});
  auto done = story.handler.asks(story.peer, an::finish_then_destroy{an::text("and last")});
  done.done();
  story.w.run_until([&] { return story.client.got_end(); });
  CHECK(story.client.received() == "first and last");
  story.client.finishes();
  auto closed = story.handler.expects<an::closed>();
  CHECK_FALSE(closed.had_error);
  CHECK(closed.reason == an::close_reason::ended);
}

TEST_CASE("finish_then_destroy does not wait longer for the peer than it may") {
  served_client story;
  story.handler.asks(story.peer, an::finish_then_destroy{an::text("bye"), 500}).done();
  auto from = story.w.network().now();
  auto closed = story.handler.expects<an::closed>();
  CHECK(closed.reason == an::close_reason::destroyed);
  CHECK(story.w.network().now() - from == 500ms);
  CHECK(story.w.network().open_descriptors() == 1);
}

TEST_CASE("without a time to linger finish_then_destroy closes as soon as all is sent") {
  served_client story;
  auto from = story.w.network().now();
  story.handler.asks(story.peer, an::finish_then_destroy{an::text("bye"), 0}).done();
  CHECK(story.handler.expects<an::closed>().reason == an::close_reason::destroyed);
  CHECK(story.w.network().now() - from < 10ms);
  story.w.pass(1s);
  CHECK(story.client.received() == "bye");
  CHECK(story.client.got_end());
}

TEST_CASE("a reply is not lost because input was unread") {
  served_client story({.address = port_80, .pause_on_connect = true});
  story.client.sends(pattern(one_mb));
  story.w.pass(1s);
  story.client.stops_reading();
  story.handler.asks(story.peer, an::finish_then_destroy{an::text("too large, go away")}).done();
  story.w.pass(1s);
  story.client.reads();
  story.client.finishes();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  story.w.pass(1s);
  CHECK(story.client.received() == "too large, go away");
  CHECK(story.client.got_end());
  CHECK_FALSE(story.client.was_reset());
}

TEST_CASE("destroy with unread input resets: that is what finish_then_destroy is for") {
  served_client story({.address = port_80, .pause_on_connect = true});
  story.client.sends(pattern(one_mb));
  story.w.pass(1s);
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  story.w.pass(1s);
  CHECK(story.client.was_reset());
}

TEST_CASE("what comes after finish_then_destroy is told to nobody, but counted") {
  served_client story;
  story.handler.sends(story.peer, an::finish_then_destroy{an::text("bye")});
  story.client.sends(pattern(one_mb));
  story.client.finishes();
  auto closed = story.handler.expects<an::closed>();
  CHECK(closed.bytes_read == one_mb);
  CHECK(closed.reason == an::close_reason::ended);
}

TEST_CASE("a large reply is sent to its end, though the peer sends, too, and reads late") {
  served_client story;
  story.client.stops_reading();
  story.client.sends(pattern(one_mb));
  auto done =
      story.handler.asks(story.peer, an::finish_then_destroy{an::chunk::from(pattern(one_mb))});
  story.w.pass(10s);
  CHECK_FALSE(done.answered());
  story.client.reads();
  story.w.run_until([&] { return story.client.got_end(); });
  CHECK(story.client.received() == pattern(one_mb));
  done.done();
}

TEST_CASE("a reset while it lingers is told as one") {
  served_client story;
  story.handler.asks(story.peer, an::finish_then_destroy{an::text("bye")}).done();
  story.client.resets();
  CHECK(story.handler.expects<an::failed>().why.code() == "ECONNRESET");
  CHECK(story.handler.expects<an::closed>().reason == an::close_reason::reset_by_peer);
}

TEST_CASE("finish_then_destroy after finish, after the peer's end, and when closed") {
  SECTION("after finish it takes no more bytes, and parts") {
    served_client story;
    story.handler.asks(story.peer, an::finish{}).done();
    auto refused = story.handler.asks(story.peer, an::finish_then_destroy{an::text("x")});
    CHECK(refused.failure().code() == "EPIPE");
    CHECK(story.handler.expects<an::closed>().reason == an::close_reason::destroyed);
  }
  SECTION("after the peer's end it ends when all is sent") {
    served_client story({.address = port_80, .allow_half_open = true});
    story.client.finishes();
    story.handler.expects<an::end>();
    story.handler.asks(story.peer, an::finish_then_destroy{an::text("x")}).done();
    CHECK(story.handler.expects<an::closed>().reason == an::close_reason::ended);
  }
  SECTION("when closed there is no such connection") {
    served_client story;
    story.handler.sends(story.peer, an::destroy{});
    story.handler.expects<an::closed>();
    auto refused = story.handler.asks(story.peer, an::finish_then_destroy{});
    CHECK(refused.failure().code() == "ENOTCONN");
  }
}

TEST_CASE("finish_then_destroy while connecting sends its bytes once there is a connection") {
  reached_server story;
  auto peer = story.connects();
  story.handler.sends(peer, an::finish_then_destroy{an::text("just this")});
  auto server = story.accepted_one();
  story.w.run_until([&] { return server.got_end(); });
  CHECK(server.received() == "just this");
  server.finishes();
  story.handler.expects<an::connected>();
  CHECK(story.handler.expects<an::closed>().reason == an::close_reason::ended);
}

TEST_CASE("the reply of a handler that quits is not lost because input was unread") {
  served_client story({.address = port_80}, {}, answers_once);
  story.client.sends(pattern(one_mb));
  story.w.run_until([&] { return story.client.got_end(); });
  CHECK(story.client.received() == "good bye");
  CHECK_FALSE(story.client.was_reset());
  story.client.finishes();
  story.w.pass(1s);
  CHECK(story.w.network().open_descriptors() == 1);
}

TEST_CASE("a handler that quits leaves nothing behind when the peer never finishes") {
  served_client story({.address = port_80}, {}, answers_once);
  story.client.sends("x");
  story.w.run_until([&] { return story.client.got_end(); });
  story.w.pass(3s);
  CHECK(story.w.network().open_descriptors() == 1);
}

TEST_CASE("who parts from a connection that broke is told so, and it ends") {
  // The sink is slow, so that what had arrived is still on its way when the handler has enough.
  served_client story;
  story.w.network().hang_file("/slow");
  auto sink = *story.w.net().open_sink({.path = "/slow"});
  story.w.network().continue_file("/slow");
  story.handler.asks(story.peer, an::pipe{.to = sink, .also_data = true}).done();
  story.handler.expects<an::piped>();
  story.w.network().hang_file("/slow");
  story.client.sends("arrived");
  story.w.pass(1s);
  story.handler.expects<an::data>();
  story.client.resets();
  story.w.pass(1s);
  SECTION("by a command") {
    CHECK(story.handler.asks(story.peer, an::finish_then_destroy{}).failure().code() ==
          "ECONNRESET");
    story.w.network().continue_file("/slow");
    story.handler.expects<an::unpiped>();
    CHECK(story.handler.expects<an::failed>().why.code() == "ECONNRESET");
    CHECK(story.handler.expects<an::closed>().reason == an::close_reason::reset_by_peer);
  }
  SECTION("by quitting") {
    an::testkit::probe other(story.w);
    story.handler.dies(caf::exit_reason::normal);
    story.w.pass(1s);
    CHECK(other.asks(story.peer, an::get_info{}).value<an::connection_info>().state ==
          an::connection_state::closed);
  }
}

TEST_CASE("last words for which there is no room change nothing") {
  served_client story({.address = port_80, .write_queue_bytes_max = 1000});
  auto refused = story.handler.asks(story.peer, an::finish_then_destroy{an::text(pattern(2000))});
  CHECK(refused.failure().code() == "ENOBUFS");
  story.client.sends("hello");
  CHECK(story.handler.expects<an::data>().bytes.view() == "hello");
  story.client.finishes();
  story.handler.expects<an::end>();
  CHECK(story.handler.expects<an::closed>().reason == an::close_reason::ended);
}
