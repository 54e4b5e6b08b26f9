// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"

#include <functional>
#include <string>
#include <vector>

// Peers that keep us waiting: one at a time, and then hundreds of each kind beside good clients.

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::simulated_peer;
using an::test::at_80;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;

namespace {

/// How long after `from` the connection breaks; nothing else is told.
an::net::duration breaks_after(served_client& story, an::net::instant from) {
  auto why = story.handler.expects<an::failed>().why;
  CHECK(why.code() == "ETIMEDOUT");
  CHECK(why.address == "127.0.0.1");
  CHECK(story.handler.expects<an::closed>().had_error);
  return story.w.network().now() - from;
}

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

} // namespace

TEST_CASE("who sends no first byte in time is cut off, who does is not") {
  served_client story({.address = port_80, .first_byte_timeout = 2s});
  auto from = story.w.network().now();
  auto good = one_more_client(story);
  good.sends("x");
  story.handler.expects<an::connected>();
  story.handler.expects<an::data>();
  CHECK(breaks_after(story, from) <= 2s);
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
  CHECK_FALSE(good.got_end());
}

TEST_CASE("a connection on which nothing comes or goes breaks, one that is used does not") {
  served_client story({.address = port_80, .idle_max = 5s});
  for (int i = 0; i < 5; ++i) {
    story.w.pass(4s);
    story.client.sends("x");
    story.handler.expects<an::data>();
    story.w.pass(4s);
    story.handler.asks(story.peer, an::write{an::text("y")}).value<an::written>();
  }
  auto from = story.w.network().now();
  auto after = breaks_after(story, from);
  CHECK(after >= 4s);
  CHECK(after <= 5s);
}

TEST_CASE("half-open for ever is idle, too") {
  served_client story({.address = port_80, .allow_half_open = true, .idle_max = 5s});
  story.client.finishes();
  story.handler.expects<an::end>();
  CHECK(breaks_after(story, story.w.network().now()) <= 5s);
}

TEST_CASE("who does not read is cut off when nothing of a write gets on") {
  served_client story({.address = port_80, .write_stall_timeout = 3s});
  story.client.stops_reading();
  auto from = story.w.network().now();
  auto write = story.handler.asks(story.peer, an::write{an::text(pattern(1'000'000))});
  auto after = breaks_after(story, from);
  CHECK(after >= 3s);
  CHECK(after <= 7s);
  CHECK(write.failure().code() == "ETIMEDOUT");
}

TEST_CASE("who reads slowly, but does, is not cut off; nor is who has nothing to read") {
  served_client story({.address = port_80, .write_stall_timeout = 3s});
  story.client.stops_reading();
  auto sent = pattern(400'000);
  auto write = story.handler.asks(story.peer, an::write{an::text(sent)});
  while (!write.answered()) {
    story.w.pass(2s);
    story.client.reads_at_most(20'000);
  }
  write.value<an::written>();
  story.handler.expects<an::drain>();
  story.client.reads();
  story.w.pass(1h);
  CHECK(story.client.received() == sent);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("deadlines of a connection that connects begin when it is connected") {
  an::test::reached_server story;
  auto from = story.w.network().now();
  story.connects({.address = an::test::port_90, .first_byte_timeout = 2s});
  story.handler.expects<an::connected>();
  CHECK(story.handler.expects<an::failed>().why.code() == "ETIMEDOUT");
  CHECK(story.w.network().now() - from >= 2s);
}

// -- many of them ---------------------------------------------------------------------------------

namespace {

/// A server with no deadline but what `how` has, many bad clients, and good ones that want an echo
/// in time.
struct besieged_server {
  static constexpr std::size_t bad_clients = 300;

  besieged_server(an::listen_options how, std::function<void(simulated_peer&)> begin,
                  std::function<void(simulated_peer&)> each_second) {
    how.address = port_80;
    server = *w.net().listen(std::move(how), echo);
    for (std::size_t i = 0; i < bad_clients; ++i) {
      bad.push_back(w.network().peer_connects(at_80));
      begin(bad.back());
    }
    for (int second = 0; second < 30; ++second) {
      serve_a_good_client();
      for (auto& each : bad)
        each_second(each);
      w.pass(1s);
    }
  }

  void serve_a_good_client() {
    auto from = w.network().now();
    auto good = w.network().peer_connects(at_80);
    good.sends("are you there?");
    bool echoed = w.run_until([&] { return good.received().size() == 14; }, 1s);
    CHECK(echoed);
    slowest = std::max(slowest, w.network().now() - from);
    good.finishes();
  }

  std::uint64_t left() {
    an::testkit::probe asker(w);
    return asker.asks(server, an::get_connections{}).value<an::connections>().count;
  }

  an::test::world w;
  an::listener server;
  std::vector<simulated_peer> bad;
  an::net::duration slowest{0};
};

void nothing(simulated_peer&) {}

void check_all_gone(besieged_server& story) {
  story.w.pass(6s); // also the good ones, if they are half-open
  CHECK(story.left() == 0);
  CHECK(story.slowest < 100ms);
}

} // namespace

TEST_CASE("hundreds of clients that say nothing are gone in time, and good ones served at once") {
  besieged_server story({.address = "", .first_byte_timeout = 3s}, nothing, nothing);
  check_all_gone(story);
}

TEST_CASE("hundreds of slow-loris clients, a byte a second, live no longer than a connection may") {
  an::listen_options how{.address = "",
                         .lifetime_max = 20s,
                         .idle_max = 5s,
                         .first_byte_timeout = 3s,
                         .write_stall_timeout = 3s};
  besieged_server story(how, nothing, [](simulated_peer& each) {
    if (each.connected() && !each.was_reset() && !each.got_end())
      each.sends("x");
  });
  check_all_gone(story);
}

TEST_CASE("hundreds of clients that never read are gone in time, and good ones served at once") {
  besieged_server story(
      {.address = "", .write_stall_timeout = 3s},
      [](simulated_peer& each) {
        each.stops_reading();
        each.sends(std::string(200'000, 'x'));
      },
      nothing);
  check_all_gone(story);
}

TEST_CASE(
    "hundreds of clients that stay half-open are gone in time, and good ones served at once") {
  besieged_server story(
      {.address = "", .allow_half_open = true, .idle_max = 5s},
      [](simulated_peer& each) {
        each.stops_reading();
        each.sends("x");
        each.finishes();
      },
      nothing);
  check_all_gone(story);
}

TEST_CASE("a storm of resets leaves nothing, and good clients are served at once") {
  std::size_t number = 0;
  besieged_server story(
      {},
      [&](simulated_peer& each) {
        if (++number % 2 == 0)
          each.sends("half a request");
        each.resets();
      },
      nothing);
  check_all_gone(story);
}
