// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/driven_loop.hpp"
#include "support/served_client.hpp"

#include <limits>
#include <utility>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::driven_loop;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;

TEST_CASE("stop of a listener without connections is answered at once") {
  an::test::world w;
  an::testkit::probe owner(w);
  auto server = *w.net().listen({.address = port_80, .owner = owner.actor()}, caf::actor());
  owner.expects<an::listening>();
  auto stopped = owner.asks(server, an::stop{}).value<an::stopped>();
  CHECK(stopped.finished == 0);
  CHECK(stopped.forced == 0);
  CHECK_FALSE(owner.expects<an::listener_closed>().had_error);
}

TEST_CASE("stop has every connection finish, and counts those that do") {
  served_client story;
  auto second = one_more_client(story);
  story.handler.expects<an::connected>();
  auto stop = story.owner.asks(story.server, an::stop{5000});
  for (int i = 0; i < 2; ++i)
    story.handler.expects<an::draining>();
  story.w.pass(1s);
  CHECK(story.client.got_end());
  CHECK(second.got_end());
  CHECK_FALSE(stop.answered());
  story.client.finishes();
  second.finishes();
  story.handler.expects<an::end>();
  story.w.pass(1s);
  while (!stop.answered())
    try {
      story.handler.expects<an::closed>();
    } catch (const an::testkit::unexpected_message&) { // the other's end
    }
  auto stopped = stop.value<an::stopped>();
  CHECK(stopped.finished == 2);
  CHECK(stopped.forced == 0);
}

TEST_CASE("while stopping, what was queued is sent and new clients are refused") {
  served_client story;
  story.client.stops_reading();
  auto sent = pattern(1'000'000);
  story.handler.sends(story.peer, an::write{an::text(sent)});
  auto stop = story.owner.asks(story.server, an::stop{5000});
  story.handler.expects<an::draining>();
  story.w.pass(1s);
  auto late = one_more_client(story);
  story.client.reads();
  story.w.pass(1s);
  CHECK(late.refused());
  CHECK(story.client.received() == sent);
  CHECK(story.client.got_end());
  story.client.finishes();
  story.handler.expects<an::end>();
  CHECK(stop.value<an::stopped>().finished == 1);
}

TEST_CASE("at the deadline those that are left are destroyed, and counted") {
  served_client story;
  auto second = one_more_client(story);
  story.w.pass(1s);
  auto from = story.w.network().now();
  auto stop = story.owner.asks(story.server, an::stop{3000});
  second.resets(); // one goes by itself
  auto stopped = stop.value<an::stopped>();
  CHECK(story.w.network().now() - from == 3s);
  CHECK(stopped.finished == 1);
  CHECK(stopped.forced == 1);
  story.owner.expects<an::accepted>();
  CHECK(story.owner.expects<an::drain_progress>().left == 2);
  for (int i = 1; i < 10; ++i)
    CHECK(story.owner.expects<an::drain_progress>().left == 1);
  CHECK_FALSE(story.owner.expects<an::listener_closed>().had_error);
  CHECK(story.owner.has_no_event());
}

TEST_CASE("a deadline of 0 destroys at once") {
  served_client story;
  auto from = story.w.network().now();
  auto stopped = story.owner.asks(story.server, an::stop{0}).value<an::stopped>();
  CHECK(stopped.forced == 1);
  CHECK(story.w.network().now() == from);
}

TEST_CASE("a deadline of any number is taken: the longest never comes, a negative one is now") {
  served_client story;
  auto stop = story.owner.asks(story.server, an::stop{std::numeric_limits<std::int64_t>::max()});
  story.w.pass(24h);
  CHECK_FALSE(stop.answered());
  story.owner.sends(story.server, an::stop{std::numeric_limits<std::int64_t>::min()});
  CHECK(stop.value<an::stopped>().forced == 1);
}

TEST_CASE("everybody who asked to stop is answered, with the same count") {
  served_client story;
  auto first = story.owner.asks(story.server, an::stop{60'000});
  story.w.pass(1s);
  auto second = story.handler.asks(story.server, an::stop{1000});
  CHECK(second.value<an::stopped>().forced == 1);
  CHECK(first.value<an::stopped>().forced == 1);
}

TEST_CASE("of several deadlines to stop the earliest holds") {
  const auto [first_ms, second_ms] = GENERATE(std::pair(1000, 60'000), std::pair(60'000, 1000));
  served_client story;
  auto first = story.owner.asks(story.server, an::stop{first_ms});
  auto second = story.owner.asks(story.server, an::stop{second_ms});
  story.w.pass(999ms);
  CHECK_FALSE(first.answered());
  CHECK_FALSE(second.answered());
  story.w.pass(1ms);
  CHECK(first.answered());
  CHECK(second.answered());
}

TEST_CASE("stop after close ends the connections that were left") {
  served_client story;
  story.owner.asks(story.server, an::close{}).done();
  auto stop = story.owner.asks(story.server, an::stop{1000});
  CHECK(stop.value<an::stopped>().forced == 1);
  for (int i = 0; i < 10; ++i)
    story.owner.expects<an::drain_progress>();
  story.owner.expects<an::listener_closed>();
}

TEST_CASE("stop of a listener that is gone is answered: nothing was left to stop") {
  served_client story;
  story.owner.asks(story.server, an::stop{0}).value<an::stopped>();
  auto again = story.owner.asks(story.server, an::stop{1000}).value<an::stopped>();
  CHECK(again.finished == 0);
  CHECK(again.forced == 0);
}

TEST_CASE("stop reaches connections on all loops") {
  auto silent = [](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {[](const an::data&) {}};
  };
  served_client story({.address = port_80}, {.loops = 3}, silent);
  for (int i = 0; i < 5; ++i)
    one_more_client(story);
  story.w.pass(1s);
  auto stopped = story.handler.asks(story.server, an::stop{1000}).value<an::stopped>();
  CHECK(stopped.finished == 0);
  CHECK(stopped.forced == 6);
}

// -- connections of another loop, whose ends the listener learns of late --------------------------

namespace {

/// A listener on one loop, with one connection on another.
struct on_two_loops {
  an::test::world w;
  an::testkit::probe owner{w};
  driven_loop here{w};
  driven_loop there{w};
  an::listener server = here.listens({.address = port_80, .owner = owner.actor()}, caf::actor(),
                                     [this]() -> an::io_loop& { return there.loop; });
  an::net::simulated_peer client = connected_client();
  an::connection peer = owner.expects<an::accepted>().peer;

  void time_passes(an::net::duration how_long) {
    w.network().advance_to(w.network().now() + how_long);
    here.turns(3);
    there.turns(3);
  }

private:
  an::net::simulated_peer connected_client() {
    here.turns(2);
    owner.expects<an::listening>();
    auto made = w.network().peer_connects(an::test::at_80);
    time_passes(1s);
    return made;
  }
};

} // namespace

TEST_CASE("a connection that closes by itself just before the deadline is not counted as forced") {
  on_two_loops story;
  auto stop = story.owner.asks(story.server, an::stop{3000});
  story.time_passes(2s);
  story.owner.sends(story.peer, an::destroy{});
  story.here.backend->in_poll = [&] { story.there.turns(); }; // behind the look at the inbox
  story.time_passes(1s);
  auto stopped = stop.value<an::stopped>();
  CHECK(stopped.finished == 1);
  CHECK(stopped.forced == 0);
}

TEST_CASE("a connection that has closed when stop comes is not counted at all") {
  on_two_loops story;
  auto stop = story.owner.asks(story.server, an::stop{3000});
  story.owner.sends(story.peer, an::destroy{});
  story.there.turns(2);
  story.here.turns(2);
  auto stopped = stop.value<an::stopped>();
  CHECK(stopped.finished == 0);
  CHECK(stopped.forced == 0);
}
