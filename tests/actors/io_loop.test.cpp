// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/driven_loop.hpp"
#include "support/served_client.hpp"
#include "support/world.hpp"

#include "loop_function.hpp"

#include <thread>
#include <utility>

// What a loop does between the steps of one turn.

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::driven_loop;

namespace {

an::coarse_clock::span time_now;

/// A loop whose handlers have 10 ms, on a clock that moves as the test says.
an::loop_settings with_a_clock() {
  time_now = 1h;
  an::loop_settings chosen;
  chosen.handler_budget = 10ms;
  chosen.clock = {[] { return time_now; }, 1ms};
  return chosen;
}

} // namespace

TEST_CASE("the time that a loop waits is no handler's, even if one had its turn just before") {
  an::test::world w;
  driven_loop here(w, with_a_clock());
  int handled = 0;
  auto handler = an::loop_function::spawn(
      here.loop, [&](auto*) -> caf::behavior { return {[&](const an::timeout&) { ++handled; }}; });
  here.turns(2);
  auto tells = [&] {
    an::timeout event;
    CHECK(an::hosted_actor::behind(handler)->take_now(event));
  };
  here.backend->in_flush = tells; // as io_uring does
  here.backend->in_poll = [&] {
    time_now += 5s;
    tells();
  };
  here.turns(1);
  CHECK(handled == 2);
  CHECK(here.loop.slow_handlers() == 0);
  CHECK(here.lines.empty());
  here.backend->in_flush = nullptr;
  here.backend->in_poll = nullptr;
}

namespace {

/// A loop about to wait, with a connection on which bytes have arrived.
struct loop_with_bytes {
  explicit loop_with_bytes(an::delivery events, an::handler handler)
      : here(w, {.events = events}),
        server(here.listens(
            {.address = an::test::port_80},
            std::move(handler), [this]() -> auto& { return here.loop; })) {
    here.turns(2);
    client = w.network().peer_connects(an::test::at_80);
    time_passes();
    client.sends("hello");
    w.network().advance_to(w.network().now() + 1s);
    here.backend->in_flush = [this] { CHECK(here.loop.inbox()->begin_wait()); };
  }

  void time_passes() {
    for (int i = 0; i < 3; ++i) {
      w.network().advance_to(w.network().now() + 1s);
      here.turns(2);
    }
  }

  an::test::world w;
  driven_loop here;
  an::listener server;
  an::net::simulated_peer client{nullptr};
};

void put_from_another_thread(an::io_loop& loop) {
  std::thread([&] { loop.put(an::task([] {})); }).join();
}

} // namespace

TEST_CASE("a message that comes while the loop tells an event wakes nobody") {
  for (auto events : {an::delivery::in_place, an::delivery::plain}) {
    auto silent = [](caf::event_based_actor*, an::connection) -> caf::behavior {
      return {[](const an::data&) {}};
    };
    loop_with_bytes story(events, silent);
    story.here.backend->in_poll = [&] { put_from_another_thread(story.here.loop); };
    story.here.turns(1);
    CHECK(story.here.backend->wakes == 0);
  }
}

TEST_CASE("a message that comes in the turn of a handler wakes nobody") {
  driven_loop* loop = nullptr;
  int handled = 0;
  auto told = [&](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {[&](const an::data&) {
      ++handled;
      put_from_another_thread(loop->loop);
    }};
  };
  loop_with_bytes story(an::delivery::in_place, told);
  loop = &story.here;
  story.here.turns(1);
  CHECK(handled == 1);
  CHECK(story.here.backend->wakes == 0);
}

TEST_CASE("a message that comes while the loop waits, and is told nothing, wakes it") {
  an::test::world w;
  driven_loop here(w);
  here.turns(2);
  here.backend->in_flush = [&] { CHECK(here.loop.inbox()->begin_wait()); };
  here.backend->in_poll = [&] { put_from_another_thread(here.loop); };
  here.turns(1);
  CHECK(here.backend->wakes == 1);
}
