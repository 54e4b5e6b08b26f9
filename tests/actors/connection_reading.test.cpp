// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;
using an::test::spawned;

TEST_CASE("a connection tells its two addresses first") {
  an::test::world w;
  an::testkit::probe handler(w);
  auto server = w.net().listen({.address = port_80}, handler.actor());
  REQUIRE(server);
  auto client = w.network().peer_connects(at_80);
  auto event = handler.expects<an::connected>();
  CHECK(event.local == at_80);
  CHECK(event.remote == client.local());
}

TEST_CASE("bytes, then the end, then closed: in this order and each once") {
  served_client story;
  story.client.sends("abc");
  story.client.finishes();
  CHECK(story.handler.expects_bytes(3) == "abc");
  CHECK(story.handler.expects<an::end>().peer == story.peer);
  auto closed = story.handler.expects<an::closed>();
  CHECK_FALSE(closed.had_error);
  CHECK(closed.peer == story.peer);
  CHECK(closed.bytes_read == 3);
  story.w.pass(10s);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a peer that sends nothing and finishes is an end like another") {
  served_client story;
  story.client.finishes();
  story.handler.expects<an::end>();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
}

TEST_CASE("a megabyte arrives unchanged, in chunks of any size") {
  served_client story;
  auto sent = pattern(1'000'000);
  story.client.sends(sent);
  CHECK(story.handler.expects_bytes(sent.size()) == sent);
  CHECK(story.info().bytes_read == sent.size());
}

TEST_CASE("after pause nothing is read: bytes wait in the kernel, and come with resume") {
  served_client story;
  story.handler.asks(story.peer, an::pause{}).done();
  auto sent = pattern(500'000);
  story.client.sends(sent);
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  CHECK(story.info().bytes_read == 0);
  CHECK(story.client.unsent_bytes() > 0);
  story.handler.asks(story.peer, an::resume{}).done();
  CHECK(story.handler.expects_bytes(sent.size()) == sent);
}

TEST_CASE("the end obeys pause") {
  served_client story;
  story.handler.sends(story.peer, an::pause{});
  story.client.finishes();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.handler.sends(story.peer, an::resume{});
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
}

TEST_CASE("pause in the middle of a stream keeps what comes after it, in order") {
  served_client story;
  auto sent = pattern(300'000);
  story.client.sends(sent);
  auto got = std::string(story.handler.expects<an::data>().bytes.view());
  for (int i = 0; i < 5; ++i) {
    story.handler.sends(story.peer, an::pause{});
    story.w.pass(100ms);
    story.handler.sends(story.peer, an::resume{});
    got += story.handler.expects<an::data>().bytes.view();
  }
  got += story.handler.expects_bytes(sent.size() - got.size());
  CHECK(got == sent);
}

TEST_CASE("pause_on_connect: connected is told, and nothing is read before resume") {
  served_client story({.address = port_80, .pause_on_connect = true});
  story.client.sends("hello");
  story.client.finishes();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  CHECK(story.info().bytes_read == 0);
  story.handler.sends(story.peer, an::resume{});
  CHECK(story.handler.expects_bytes(5) == "hello");
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
}

TEST_CASE("bytes that a reset follows are delivered, then the reset: never an end") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    served_client story({.address = port_80}, {.network = {.seed = seed}});
    story.client.sends("hello");
    story.client.resets();
    CHECK(story.handler.expects_bytes(5) == "hello");
    auto failed = story.handler.expects<an::failed>();
    CHECK(failed.why.code() == "ECONNRESET");
    CHECK(failed.why.syscall == "read");
    CHECK(story.handler.expects<an::closed>().had_error);
    CHECK(story.handler.has_no_event());
  }
}

TEST_CASE("a reset is noticed while paused") {
  for (bool from_the_start : {false, true}) {
    CAPTURE(from_the_start);
    served_client story({.address = port_80, .pause_on_connect = from_the_start});
    story.handler.sends(story.peer, an::pause{});
    story.client.sends("never read");
    story.w.pass(1s);
    story.client.resets();
    CHECK(story.handler.expects<an::failed>().why.code() == "ECONNRESET");
    CHECK(story.handler.expects<an::closed>().bytes_read == 0);
  }
}

TEST_CASE("who hoards chunks stops the reading; who drops them lets it go on") {
  served_client story({.address = port_80, .receive_window_bytes = 100'000});
  auto sent = pattern(1'000'000);
  story.client.sends(sent);
  story.client.finishes();
  story.w.pass(10s); // events wait in the handler's mailbox, with their chunks
  auto full = story.info();
  CHECK(full.window_max == 100'000);
  CHECK(full.window_held >= full.window_max);
  CHECK(full.bytes_read < 300'000);
  CHECK(story.client.unsent_bytes() > 0);

  std::vector<an::chunk> hoard;
  std::uint64_t hoarded = 0;
  while (hoarded < full.bytes_read) {
    hoard.push_back(story.handler.expects<an::data>().bytes);
    hoarded += hoard.back().size();
  }
  story.w.pass(10s);
  CHECK(story.handler.has_no_event());

  std::string got;
  for (const auto& each : hoard)
    got += each.view();
  hoard.clear();
  got += story.handler.expects_bytes(sent.size() - got.size());
  CHECK(got == sent);
  story.handler.expects<an::end>();
  CHECK(story.info().window_held == 0);
}

TEST_CASE("a slice keeps the window as its chunk does, a copy does not") {
  served_client story;
  story.client.sends(pattern(1000));
  auto slice = story.handler.expects<an::data>().bytes.slice(0, 1);
  CHECK(story.info().window_held > 0);
  slice = slice.copy();
  CHECK(story.info().window_held == 0);
}

TEST_CASE("a chunk that another actor drops makes room as well") {
  served_client story({.address = port_80, .receive_window_bytes = 1});
  std::vector<an::chunk> kept;
  auto keeper = spawned(story.w.system(), [&kept](caf::event_based_actor*) -> caf::behavior {
    return {[&kept](const an::data& event) { kept.push_back(event.bytes); },
            [&kept](const an::drain&) { kept.clear(); }};
  });
  story.client.sends("first");
  story.w.pass(1s);
  story.handler.sends(keeper, story.handler.expects<an::data>());
  story.client.sends("second");
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.handler.sends(keeper, an::drain{}); // any message will do
  CHECK_FALSE(story.handler.expects_bytes(1).empty());
}

TEST_CASE("chunks may outlive their connection, and their world") {
  an::chunk kept;
  {
    served_client story;
    story.client.sends("for ever");
    kept = story.handler.expects<an::data>().bytes;
    story.client.resets();
    story.handler.expects<an::failed>();
  }
  CHECK(kept.view().substr(0, 1) == "f");
}

TEST_CASE("what the window holds is told again when the connection is gone") {
  served_client story;
  story.client.sends("x");
  auto event = story.handler.expects<an::data>();
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  CHECK(story.info().window_held > 0);
  event.bytes = {};
  CHECK(story.info().window_held == 0);
}
