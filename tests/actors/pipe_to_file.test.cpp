// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <cerrno>
#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;

namespace {

const std::string path = "/files/out";

// A client of a server, and files on the simulated disk.
struct piping : served_client {
  using served_client::served_client;

  an::file_sink opens(an::sink_options chosen = {.path = path}) {
    return *w.net().open_sink(std::move(chosen), disk.actor());
  }

  // Opened, and the client's bytes on their way to it.
  an::file_sink pipes(an::pipe how = {}) {
    auto sink = opens();
    how.to = sink;
    handler.asks(peer, how).done();
    handler.expects<an::piped>();
    disk.expects<an::sink_opened>();
    return sink;
  }

  std::string in_file(const std::string& which = path) {
    return w.network().file_bytes(which).value_or("(no file)");
  }

  an::testkit::probe disk{w};
};

} // namespace

TEST_CASE("a pipe ends its file at the end of the connection, and then the handler hears end") {
  piping story;
  auto sink = story.pipes();
  const auto sent = pattern(300'000);
  story.client.sends(sent);
  story.client.finishes();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.bytes == sent.size());
  CHECK(over.reason == an::unpipe_reason::source_ended);
  CHECK(over.from == sink);
  CHECK((story.in_file() == sent));
  auto closed = story.disk.expects<an::sink_closed>();
  CHECK(closed.bytes == sent.size());
  CHECK_FALSE(closed.had_error);
  story.handler.expects<an::end>();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
}

TEST_CASE("a sink that is kept open takes more writes, and another pipe") {
  piping story;
  auto sink = story.pipes({.to = {}, .end_sink = false});
  story.client.sends("first;");
  story.client.finishes();
  CHECK(story.handler.expects<an::unpiped>().bytes == 6);
  CHECK(story.disk.asks(sink, an::write{an::text("more;")}).value<an::written>().bytes == 5);
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
  auto second = an::test::one_more_client(story);
  auto peer = story.handler.expects<an::connected>().peer;
  story.handler.asks(peer, an::pipe{.to = sink}).done();
  second.sends("second;");
  second.finishes();
  story.handler.expects<an::piped>();
  story.handler.expects<an::unpiped>();
  CHECK(story.in_file() == "first;more;second;");
  story.disk.expects<an::sink_closed>();
}

TEST_CASE("a pipe makes a paused connection flow, and after unpipe it is paused") {
  piping story({.address = port_80, .pause_on_connect = true});
  story.client.sends("to the file;");
  story.w.pass(1s);
  auto sink = story.pipes();
  story.w.pass(1s);
  CHECK(story.in_file() == "to the file;");
  story.handler.asks(story.peer, an::unpipe{}).done();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.bytes == 12);
  CHECK(over.reason == an::unpipe_reason::asked);
  story.client.sends("to the handler");
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK(story.handler.expects_bytes(14) == "to the handler");
  story.disk.asks(sink, an::finish{an::text("the last line")}).done();
  CHECK(story.in_file() == "to the file;the last line");
}

TEST_CASE("pause and resume hold for a pipe, too") {
  piping story;
  story.pipes();
  story.handler.asks(story.peer, an::pause{}).done();
  story.client.sends("late");
  story.w.pass(1s);
  CHECK(story.in_file().empty());
  story.handler.asks(story.peer, an::resume{}).done();
  story.w.pass(1s);
  CHECK(story.in_file() == "late");
}

TEST_CASE("the idle timer of a piped connection runs, and bytes push it on") {
  piping story({.address = port_80, .idle_timeout = 10s});
  story.pipes();
  for (int i = 0; i < 5; ++i) {
    story.w.pass(6s);
    story.client.sends("x");
  }
  story.w.pass(6s);
  CHECK(story.handler.has_no_event());
  story.handler.expects<an::timeout>();
}

TEST_CASE("a handler may have the data, too") {
  piping story;
  story.pipes({.to = {}, .also_data = true});
  story.client.sends("both");
  CHECK(story.handler.expects_bytes(4) == "both");
  story.w.pass(1s);
  CHECK(story.in_file() == "both");
}

TEST_CASE("several sinks at once get everything, and the slowest sets the pace") {
  piping story({.address = port_80, .receive_window_bytes = 20'000});
  story.pipes();
  auto second = story.opens({.path = "/files/second"});
  story.handler.asks(story.peer, an::pipe{.to = second}).done();
  story.handler.expects<an::piped>();
  story.w.network().hang_file("/files/second");
  const auto sent = pattern(400'000);
  story.client.sends(sent);
  story.client.finishes();
  story.w.pass(10s);
  CHECK(story.client.unsent_bytes() > 200'000);
  CHECK(story.in_file().size() < 150'000);
  story.w.network().continue_file("/files/second");
  story.handler.expects<an::unpiped>();
  story.handler.expects<an::unpiped>();
  CHECK((story.in_file() == sent));
  CHECK((story.in_file("/files/second") == sent));
}

TEST_CASE("a full disk: the source is paused, what is in the file is whole, and nothing is lost") {
  piping story;
  story.w.network().limit_disk(100'000);
  story.pipes();
  const auto sent = pattern(250'000);
  story.client.sends(sent);
  story.client.finishes();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.reason == an::unpipe_reason::sink_failed);
  CHECK(over.why.code() == "ENOSPC");
  CHECK(over.bytes == 100'000);
  CHECK(story.disk.expects<an::sink_failed>().why.code() == "ENOSPC");
  CHECK(story.disk.expects<an::sink_closed>().bytes == 100'000);
  CHECK((story.in_file() == sent.substr(0, 100'000)));
  story.w.pass(10s);
  CHECK(story.handler.has_no_event());
  story.w.network().limit_disk(1'000'000);
  auto other = story.opens({.path = "/files/other"});
  story.handler.asks(story.peer, an::pipe{.to = other}).done();
  story.handler.expects<an::piped>();
  CHECK(story.handler.expects<an::unpiped>().bytes == 150'000);
  CHECK((story.in_file("/files/other") == sent.substr(100'000)));
  story.handler.expects<an::end>();
}

TEST_CASE("what a failed sink did not take goes to the handler, if that is next") {
  piping story;
  story.w.network().limit_disk(1000);
  story.pipes();
  const auto sent = pattern(30'000);
  story.client.sends(sent);
  CHECK(story.handler.expects<an::unpiped>().bytes == 1000);
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK((story.handler.expects_bytes(29'000) == sent.substr(1000)));
}

TEST_CASE("a pipe to a file that cannot be opened fails in its answer, and nothing has changed") {
  piping story;
  story.w.network().fail_opens(path, EACCES);
  auto sink = story.opens();
  auto refused = story.handler.asks(story.peer, an::pipe{.to = sink}).failure();
  CHECK(refused.code() == "EACCES");
  CHECK(refused.address == path);
  story.disk.expects<an::sink_failed>();
  story.disk.expects<an::sink_closed>();
  story.client.sends("still here");
  CHECK(story.handler.expects_bytes(10) == "still here");
  // Who comes later is told the same.
  CHECK(story.handler.asks(story.peer, an::pipe{.to = sink}).failure().code() == "EACCES");
  // Who did not ask hears of it by an event.
  story.handler.sends(story.peer, an::pipe{.to = sink});
  auto failed = story.handler.expects<an::pipe_failed>();
  CHECK(failed.to == sink);
  CHECK(failed.why.code() == "EACCES");
}

TEST_CASE("a paused connection stays so when a pipe cannot be made") {
  piping story({.address = port_80, .pause_on_connect = true});
  story.w.network().fail_opens(path, EISDIR);
  auto refused = story.handler.asks(story.peer, an::pipe{.to = story.opens()}).failure();
  CHECK(refused.code() == "EISDIR");
  story.client.sends("waits");
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a reset of the source does not end its sink as if complete") {
  piping story;
  auto sink = story.pipes();
  story.client.sends("a part");
  story.w.pass(1s);
  story.client.resets();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.reason == an::unpipe_reason::source_closed);
  CHECK(over.bytes == 6);
  CHECK(story.handler.expects<an::failed>().why.code() == "ECONNRESET");
  CHECK(story.handler.expects<an::closed>().had_error);
  auto lost = story.disk.expects<an::source_lost>();
  CHECK(lost.why.code() == "ECONNRESET");
  CHECK(lost.at == sink);
  auto closed = story.disk.expects<an::sink_closed>();
  CHECK(closed.had_error);
  CHECK(closed.bytes == 6);
  CHECK(story.in_file() == "a part");
}

TEST_CASE("a sink that is kept open survives its source, and its owner is told") {
  piping story;
  auto sink = story.pipes({.to = {}, .end_sink = false});
  story.client.sends("a part;");
  story.w.pass(1s);
  story.handler.asks(story.peer, an::destroy{}).done();
  CHECK(story.handler.expects<an::unpiped>().reason == an::unpipe_reason::source_closed);
  CHECK(story.disk.expects<an::source_lost>().why.code() == "ECANCELED");
  story.disk.asks(sink, an::finish{an::text("the rest")}).done();
  CHECK(story.in_file() == "a part;the rest");
  CHECK_FALSE(story.disk.expects<an::sink_closed>().had_error);
}

TEST_CASE("what arrived before a reset is in the file before the connection is said to be closed") {
  piping story;
  auto sink = story.pipes();
  story.w.network().hang_file(path);
  story.client.sends("arrived");
  story.w.pass(1s);
  story.client.resets();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.w.network().continue_file(path);
  CHECK(story.handler.expects<an::unpiped>().bytes == 7);
  story.handler.expects<an::failed>();
  story.handler.expects<an::closed>();
  CHECK(story.in_file() == "arrived");
}

TEST_CASE("ending a sink takes its sources off, paused, with every byte accounted for") {
  piping story;
  auto sink = story.pipes();
  story.client.sends("in the file");
  story.w.pass(1s);
  story.disk.asks(sink, an::finish{}).done();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.reason == an::unpipe_reason::sink_closed);
  CHECK(over.bytes == 11);
  story.client.sends("behind");
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK(story.handler.expects_bytes(6) == "behind");
}

TEST_CASE("unpipe takes back what the file has not begun to write") {
  piping story({.address = port_80, .receive_window_bytes = 4'000'000},
               {.network = {.send_buffer_bytes = 4'000'000, .receive_buffer_bytes = 4'000'000}});
  story.pipes();
  story.w.network().hang_file(path);
  const auto sent = pattern(3'000'000);
  story.client.sends(sent);
  story.w.pass(30s);
  auto asked = story.handler.asks(story.peer, an::unpipe{});
  story.w.pass(1s);
  story.w.network().continue_file(path);
  asked.done();
  auto bytes = story.handler.expects<an::unpiped>().bytes;
  CHECK(bytes < sent.size());
  CHECK(story.in_file().size() == bytes);
  CHECK((story.in_file() == sent.substr(0, bytes)));
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK((story.handler.expects_bytes(sent.size() - bytes) == sent.substr(bytes)));
}

TEST_CASE("of two sources the last to end ends the sink") {
  piping story;
  auto sink = story.pipes();
  auto second = an::test::one_more_client(story);
  auto peer = story.handler.expects<an::connected>().peer;
  story.handler.asks(peer, an::pipe{.to = sink}).done();
  story.handler.expects<an::piped>();
  story.client.sends("one;");
  story.client.finishes();
  story.handler.expects<an::unpiped>();
  second.sends("two;");
  story.w.pass(1s);
  second.finishes();
  story.w.pass(1s);
  CHECK(story.in_file() == "one;two;");
  CHECK_FALSE(story.disk.expects<an::sink_closed>().had_error);
}

TEST_CASE("in a pipeline the source goes with a sink that fails") {
  piping story;
  story.w.network().limit_disk(10);
  story.pipes({.to = {}, .pipeline = true});
  story.client.sends("more than there is room for");
  CHECK(story.handler.expects<an::unpiped>().reason == an::unpipe_reason::sink_failed);
  CHECK(story.handler.expects<an::closed>().reason == an::close_reason::reset_by_us);
  story.w.pass(1s);
  CHECK(story.client.was_reset());
}

TEST_CASE("a pipe is refused that is there already, that has no sink, or no source any more") {
  piping story;
  auto sink = story.pipes();
  CHECK(story.handler.asks(story.peer, an::pipe{.to = sink}).failure().code() == "EINVAL");
  CHECK(story.handler.asks(story.peer, an::pipe{}).failure().code() == "EINVAL");
  story.client.sends("goes on");
  story.w.pass(1s);
  CHECK(story.in_file() == "goes on");
  story.handler.asks(story.peer, an::unpipe{sink}).done();
  story.handler.asks(story.peer, an::unpipe{sink}).done();
  story.handler.asks(story.peer, an::destroy{}).done();
  CHECK(story.handler.asks(story.peer, an::pipe{.to = sink}).failure().code() == "ENOTCONN");
  CHECK(story.handler.asks(story.peer, an::unpipe{}).failure().code() == "ENOTCONN");
}

TEST_CASE("a connection without a handler flows into its pipe, and ends with it") {
  piping story;
  story.handler.asks(story.peer, an::set_handler{nullptr}).done();
  auto sink = story.opens();
  story.disk.asks(story.peer, an::pipe{.to = sink}).done();
  story.client.sends("nobody looks on");
  story.client.finishes();
  story.disk.expects<an::sink_opened>();
  CHECK(story.disk.expects<an::sink_closed>().bytes == 15);
  story.w.pass(1s);
  CHECK(story.client.got_end());
  CHECK(story.in_file() == "nobody looks on");
}

TEST_CASE("no received byte is held where the kernel moves them all") {
  piping story;
  story.pipes();
  story.w.network().hang_file(path);
  story.client.sends(pattern(1'000'000));
  story.w.pass(10s);
  const bool by_chunks = an::test::chosen_delivery() == an::delivery::plain;
  CHECK((story.info().window_held > 0) == by_chunks);
  story.w.network().continue_file(path);
  story.client.finishes();
  CHECK(story.handler.expects<an::unpiped>().bytes == 1'000'000);
  CHECK((story.in_file() == pattern(1'000'000)));
}

TEST_CASE("what the kernel will not move goes by chunks, with the same result") {
  const bool appends = GENERATE(false, true);
  piping story;
  if (!appends)
    story.w.network().refuse_pumps(true);
  const auto mode = appends ? an::file_mode::append : an::file_mode::truncate;
  auto sink = story.opens({.path = path, .mode = mode});
  story.handler.asks(story.peer, an::pipe{.to = sink}).done();
  story.handler.expects<an::piped>();
  const auto sent = pattern(300'000);
  story.client.sends(sent);
  story.client.finishes();
  CHECK(story.handler.expects<an::unpiped>().bytes == sent.size());
  CHECK((story.in_file() == sent));
}

TEST_CASE("a program writes between the bytes of a pipe, and ends the file in the middle") {
  piping story;
  auto sink = story.pipes();
  story.client.sends("from the client;");
  story.w.pass(1s);
  CHECK(
      story.disk.asks(sink, an::write{an::text("from the program;")}).value<an::written>().bytes ==
      17);
  story.client.sends("more;");
  story.w.pass(1s);
  story.disk.asks(sink, an::finish{an::text("the end")}).done();
  CHECK(story.in_file() == "from the client;from the program;more;the end");
  CHECK(story.handler.expects<an::unpiped>().bytes == 21);
  CHECK(story.disk.expects<an::sink_closed>().bytes == 45);
}

TEST_CASE("a second sink joins in the middle, and both have what came since") {
  piping story;
  story.pipes();
  story.client.sends("first;");
  story.w.pass(1s);
  auto second = story.opens({.path = "/files/second"});
  story.handler.asks(story.peer, an::pipe{.to = second}).done();
  story.client.sends("then;");
  story.w.pass(1s);
  CHECK(story.in_file() == "first;then;");
  CHECK(story.in_file("/files/second") == "then;");
  story.handler.asks(story.peer, an::unpipe{second}).done();
  story.client.sends("last");
  story.w.pass(1s);
  CHECK(story.in_file() == "first;then;last");
  CHECK(story.in_file("/files/second") == "then;");
}
