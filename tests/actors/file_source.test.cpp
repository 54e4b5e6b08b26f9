// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <cerrno>
#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::pattern;
using an::test::served_client;

namespace {

const std::string path = "/files/in";

struct serving : served_client {
  an::file_source opens(an::source_options chosen = {.path = path}) {
    return *w.net().open_source(std::move(chosen), owner_of_file.actor());
  }

  an::testkit::probe owner_of_file{w};
};

} // namespace

TEST_CASE("a file flows into a connection, and ends it") {
  serving story;
  const auto bytes = pattern(500'000);
  story.w.network().put_file(path, bytes);
  auto source = story.opens();
  story.owner_of_file.asks(source, an::pipe{.to = story.peer}).done();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK((story.client.received() == bytes));
  CHECK(story.owner_of_file.expects<an::source_opened>().size == bytes.size());
  auto over = story.owner_of_file.expects<an::source_unpiped>();
  CHECK(over.bytes == bytes.size());
  CHECK(over.reason == an::unpipe_reason::source_ended);
  auto closed = story.owner_of_file.expects<an::source_closed>();
  CHECK_FALSE(closed.had_error);
  CHECK(closed.bytes == bytes.size());
}

TEST_CASE("a part of a file, and the connection stays open") {
  serving story;
  story.w.network().put_file(path, "0123456789");
  auto source = story.opens({.path = path, .offset = 3, .length = 4});
  story.owner_of_file.asks(source, an::pipe{.to = story.peer, .end_sink = false}).done();
  story.w.pass(1s);
  CHECK(story.client.received() == "3456");
  CHECK_FALSE(story.client.got_end());
  story.handler.asks(story.peer, an::write{an::text("!")}).value<an::written>();
  story.w.pass(1s);
  CHECK(story.client.received() == "3456!");
}

TEST_CASE("a slow reader holds the file back") {
  serving story;
  const auto bytes = pattern(5'000'000);
  story.w.network().put_file(path, bytes);
  story.client.stops_reading();
  auto source = story.opens({.path = path, .window_bytes = 100'000});
  story.owner_of_file.asks(source, an::pipe{.to = story.peer}).done();
  story.w.pass(60s);
  auto info = story.owner_of_file.asks(source, an::get_info{}).value<an::source_info>();
  CHECK(info.bytes_read < 1'000'000);
  CHECK(info.window_held <= 100'000 + 128 * 1024);
  story.client.reads();
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK((story.client.received() == bytes));
}

TEST_CASE("a pipe that is taken back before the file is open does not begin") {
  serving story;
  story.w.network().put_file(path, "to one only");
  auto second = an::test::one_more_client(story);
  auto second_peer = story.handler.expects<an::connected>().peer;
  auto source = story.opens();
  auto asked = story.owner_of_file.asks(source, an::pipe{.to = story.peer});
  auto taken_back = story.owner_of_file.asks(source, an::unpipe{story.peer});
  auto other = story.owner_of_file.asks(source, an::pipe{.to = second_peer});
  CHECK(asked.failure().code() == "ECANCELED");
  taken_back.done();
  other.done();
  CHECK(story.w.run_until([&] { return second.got_end(); }));
  CHECK(second.received() == "to one only");
  CHECK(story.client.received().empty());
}

TEST_CASE("a file that is not there fails its pipe, and says so") {
  serving story;
  auto source = story.opens();
  auto asked = story.owner_of_file.asks(source, an::pipe{.to = story.peer});
  auto closed = story.owner_of_file.expects<an::source_closed>();
  CHECK(story.handler.has_no_event());
  CHECK(closed.had_error);
  CHECK(closed.why.code() == "ENOENT");
  CHECK(closed.why.address == path);
  CHECK(asked.failure().code() == "ENOENT");
}

TEST_CASE("a file that cannot be read further does not end its sink as if complete") {
  serving story;
  story.w.network().put_file(path, pattern(2'000'000));
  story.w.network().fail_file(path, EIO, 1);
  auto source = story.opens();
  story.owner_of_file.asks(source, an::pipe{.to = story.peer}).done();
  CHECK(story.w.run_until([&] { return story.client.was_reset(); }));
  CHECK(story.handler.expects<an::source_lost>().why.code() == "EIO");
  story.handler.expects<an::closed>();
}

TEST_CASE("a peer that goes away leaves the file where it was, for another") {
  serving story;
  const auto bytes = pattern(1'000'000);
  story.w.network().put_file(path, bytes);
  auto source = story.opens();
  story.client.reads_at_most(100'000);
  story.owner_of_file.asks(source, an::pipe{.to = story.peer}).done();
  story.w.pass(5s);
  story.client.resets();
  story.owner_of_file.expects<an::source_opened>();
  auto over = story.owner_of_file.expects<an::source_unpiped>();
  CHECK(over.reason == an::unpipe_reason::sink_failed);
  CHECK(over.why.code() == "ECONNRESET");
  auto second = an::test::one_more_client(story);
  story.handler.expects<an::failed>();
  story.handler.expects<an::closed>();
  auto peer = story.handler.expects<an::connected>().peer;
  story.owner_of_file.asks(source, an::pipe{.to = peer}).done();
  CHECK(story.w.run_until([&] { return second.got_end(); }));
  CHECK((second.received() == bytes.substr(over.bytes)));
}

TEST_CASE("a source waits for its pipe, is paused and resumed, and can be destroyed") {
  serving story;
  const auto bytes = pattern(3'000'000);
  story.w.network().put_file(path, bytes);
  auto source = story.opens();
  story.w.pass(1s);
  CHECK(story.owner_of_file.asks(source, an::get_info{}).value<an::source_info>().bytes_read == 0);
  story.owner_of_file.asks(source, an::pause{}).done();
  story.owner_of_file.asks(source, an::pipe{.to = story.peer, .end_sink = false}).done();
  story.owner_of_file.asks(source, an::pause{}).done();
  story.w.pass(1s);
  auto got = [&] { return story.client.received().size(); };
  const auto paused_at = got();
  CHECK(paused_at < bytes.size());
  story.w.pass(1min);
  CHECK(got() == paused_at);
  story.owner_of_file.asks(source, an::resume{}).done();
  CHECK(story.w.run_until([&] { return got() > paused_at + 500'000; }));
  story.owner_of_file.asks(source, an::pause{}).done();
  story.w.pass(1s);
  CHECK(got() < bytes.size());
  CHECK((story.client.received() == bytes.substr(0, got())));
  story.owner_of_file.asks(source, an::unpipe{}).done();
  story.owner_of_file.expects<an::source_opened>();
  CHECK(story.owner_of_file.expects<an::source_unpiped>().bytes == got());
  story.owner_of_file.asks(source, an::destroy{}).done();
  CHECK_FALSE(story.owner_of_file.expects<an::source_closed>().had_error);
  CHECK(story.owner_of_file.asks(source, an::pause{}).failure().code() == "ENOTCONN");
}
