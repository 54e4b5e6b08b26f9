// SPDX-License-Identifier: BSD-3-Clause

// An `unpipe` that is not done yet, because a pump has to stop, or the sink to answer, when its
// source is destroyed: the sink is not ended by that, since the pipe was taken apart before.

#include "support/catch.hpp"
#include "support/forwarding.hpp"

#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::forwarding;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;

namespace {

const std::string path = "/files/out";

// A pipe to a file, whose owner is a probe.
struct filing : served_client {
  void pipes() {
    sink = *w.net().open_sink({.path = path}, disk.actor());
    handler.asks(peer, an::pipe{.to = sink}).done();
    handler.expects<an::piped>();
    disk.expects<an::sink_opened>();
  }

  // The handler asks for both at once, and hears of the one before the other.
  void unpipes_and_destroys() {
    auto unpiped = handler.asks(peer, an::unpipe{});
    auto destroyed = handler.asks(peer, an::destroy{});
    unpiped.done();
    destroyed.done();
  }

  void the_file_is_still_open() {
    disk.asks(sink, an::finish{an::text("the last line")}).done();
    CHECK_FALSE(disk.expects<an::sink_closed>().had_error);
  }

  an::testkit::probe disk{w};
  an::file_sink sink;
};

} // namespace

TEST_CASE("a connection that was just unpiped from a source outlives it") {
  forwarding story({.address = port_80, .allow_half_open = true});
  story.connects();
  story.handler.asks(story.peer, an::pipe{.to = story.upstream}).done();
  story.handler.expects<an::piped>();
  story.w.run_until([&] { return story.servers.waiting() > 0; });
  story.server_side = story.servers.accepts();
  story.far_handler.expects<an::connected>();
  story.client.sends(pattern(300'000)); // enough to be bulk
  story.w.run_until([&] { return story.server_side.received().size() == 300'000; });
  story.server_side.stops_reading();
  story.client.sends(pattern(1'000'000));
  story.w.pass(10s);
  auto unpiped = story.handler.asks(story.peer, an::unpipe{});
  auto destroyed = story.handler.asks(story.peer, an::destroy{});
  unpiped.done();
  destroyed.done();
  CHECK(story.handler.expects<an::unpiped>().reason == an::unpipe_reason::source_closed);
  story.handler.expects<an::closed>();
  CHECK(story.far_handler.expects<an::source_lost>().why.code() == "ECANCELED");
  story.server_side.reads();
  story.far_handler.asks(story.upstream, an::finish{an::text("the end")}).done();
  CHECK(story.w.run_until([&] { return story.server_side.got_end(); }));
  CHECK(story.server_side.received().ends_with("the end"));
}

TEST_CASE("a file that was just unpiped from a source outlives it, idle or not") {
  const bool hangs = GENERATE(false, true);
  filing story;
  story.pipes();
  story.client.sends("a part;");
  story.w.pass(1s);
  if (hangs)
    story.w.network().hang_file(path);
  story.client.sends("another;");
  story.w.pass(1s);
  story.unpipes_and_destroys();
  story.w.network().continue_file(path);
  const bool was_done = !hangs && an::test::chosen_delivery() == an::delivery::plain;
  if (!was_done)
    CHECK(story.disk.expects<an::source_lost>().why.code() == "ECANCELED");
  story.the_file_is_still_open();
}

TEST_CASE("a file that was unpiped before it was open is not closed by the end of the source") {
  filing story;
  story.sink = *story.w.net().open_sink({.path = path}, story.disk.actor());
  auto piped = story.handler.asks(story.peer, an::pipe{.to = story.sink});
  story.unpipes_and_destroys();
  CHECK(piped.failure().code() == "ECANCELED");
  story.disk.expects<an::source_lost>();
  story.disk.expects<an::sink_opened>();
  story.the_file_is_still_open();
}

TEST_CASE("a file that was unpiped behind the end of the source is not closed as if that broke") {
  filing story;
  story.pipes();
  story.w.network().hang_file(path);
  story.client.sends("to the end");
  story.client.finishes();
  story.w.pass(1s);
  story.unpipes_and_destroys();
  story.w.network().continue_file(path);
  story.disk.expects<an::source_lost>();
  story.the_file_is_still_open();
}

TEST_CASE("a connection that was just unpiped from a file outlives it") {
  served_client story;
  an::testkit::probe owner(story.w);
  story.w.network().put_file("/files/in", pattern(3'000'000));
  auto source = *story.w.net().open_source({.path = "/files/in"}, owner.actor());
  owner.asks(source, an::pipe{.to = story.peer}).done();
  owner.expects<an::source_opened>();
  story.client.stops_reading();
  story.w.pass(10s);
  auto unpiped = owner.asks(source, an::unpipe{});
  auto destroyed = owner.asks(source, an::destroy{});
  unpiped.done();
  destroyed.done();
  CHECK(owner.expects<an::source_unpiped>().reason == an::unpipe_reason::source_closed);
  owner.expects<an::source_closed>();
  story.handler.expects<an::source_lost>();
  story.client.reads();
  story.handler.asks(story.peer, an::finish{an::text("the end")}).done();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK(story.client.received().ends_with("the end"));
}

TEST_CASE("a sink tells how many sources are piped to it") {
  filing story;
  auto sources = [&] {
    return story.disk.asks(story.sink, an::get_info{}).value<an::sink_info>().sources;
  };
  story.pipes();
  CHECK(sources() == 1);
  one_more_client(story);
  auto second = story.handler.expects<an::connected>().peer;
  story.handler.asks(second, an::pipe{.to = story.sink}).done();
  CHECK(sources() == 2);
  story.handler.asks(story.peer, an::unpipe{}).done();
  CHECK(sources() == 1);
  story.handler.asks(second, an::destroy{}).done();
  story.w.pass(1s);
  CHECK(sources() == 0);
}

TEST_CASE("unpipe is done when its source is destroyed, also of what was not piped yet") {
  filing story;
  story.pipes();
  auto other = *story.w.net().open_sink({.path = "/files/other"});
  auto piped = story.handler.asks(story.peer, an::pipe{.to = other});
  auto unpiped = story.handler.asks(story.peer, an::unpipe{other});
  story.handler.asks(story.peer, an::destroy{}).done();
  unpiped.done();
  CHECK_FALSE(piped.failure().code().empty());
  story.disk.expects<an::source_lost>();
  CHECK(story.disk.expects<an::sink_closed>().had_error); // this one was piped to the last
}
