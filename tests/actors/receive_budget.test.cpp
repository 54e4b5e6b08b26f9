// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;

namespace {

an::testkit::world::options with_budget(std::size_t bytes) {
  an::testkit::world::options how;
  how.receive_budget_bytes = bytes;
  return how;
}

// Keeps every event, or a few bytes of each chunk, until it is told to let go.
struct hoard {
  std::size_t bytes = 0;
  std::size_t kept_of_each = SIZE_MAX;
  std::vector<an::chunk> kept;

  caf::behavior keeps() {
    return {[this](const an::data& event) {
      bytes += event.bytes.size();
      kept.push_back(event.bytes.slice(0, kept_of_each));
    }};
  }
};

// Many clients of one handler that hoards, each sending more than all may hold.
struct hoarded {
  hoarded(std::size_t clients, an::listen_options chosen, an::testkit::world::options how,
          std::size_t kept_of_each = SIZE_MAX)
      : w(how) {
    hoarder.kept_of_each = kept_of_each;
    auto handler =
        an::test::spawned(w.system(), [this](caf::event_based_actor*) { return hoarder.keeps(); });
    server = *w.net().listen(std::move(chosen), handler);
    for (std::size_t i = 0; i < clients; ++i) {
      peers.push_back(w.network().peer_connects(an::test::at_80));
      peers.back().sends(sent);
    }
  }

  std::size_t held_in_hoard() const {
    std::size_t result = 0;
    for (const auto& each : hoarder.kept)
      result += each.pinned_bytes();
    return result;
  }

  an::test::world w;
  hoard hoarder;
  an::listener server;
  std::vector<an::net::simulated_peer> peers;
  const std::string sent = pattern(1'000'000);
};

} // namespace

TEST_CASE("a handler that hoards holds as much as the windows of its connections, and no more") {
  hoarded story(10, {.address = port_80, .receive_window_bytes = 50'000}, {});
  story.w.pass(60s);
  CHECK(story.hoarder.bytes > 10 * 40'000);
  CHECK(story.held_in_hoard() <= 10 * (50'000 + 70'000));
  std::size_t before = 0;
  do {
    before = story.hoarder.bytes;
    story.hoarder.kept.clear();
    story.w.pass(60s);
  } while (story.hoarder.bytes > before);
  CHECK(story.hoarder.bytes == 10 * story.sent.size());
}

TEST_CASE("who keeps ten bytes of each chunk does not hold a block for each") {
  hoarded story(1, {.address = port_80, .receive_window_bytes = 256 * 1024}, {}, 10);
  story.w.pass(600s);
  CHECK(story.held_in_hoard() <= 256 * 1024 + 70'000);
  while (story.hoarder.bytes < story.sent.size()) {
    story.hoarder.kept.clear();
    auto before = story.hoarder.bytes;
    story.w.pass(600s);
    REQUIRE(story.hoarder.bytes > before);
  }
}

TEST_CASE("a budget bounds what all connections hold together, and nobody is silenced by others") {
  hoarded story(20, {.address = port_80, .receive_window_bytes = 100'000}, with_budget(300'000));
  story.w.pass(60s);
  CHECK(story.w.net().received_bytes_held() <= 300'000 + 20 * 70'000);
  CHECK(story.held_in_hoard() <= 300'000 + 20 * 70'000);
  std::size_t unheard = 0;
  for (const auto& each : story.peers)
    unheard += each.unsent_bytes() == story.sent.size() ? 1 : 0;
  CHECK(unheard == 0);
  std::size_t before = 0;
  do {
    before = story.hoarder.bytes;
    story.hoarder.kept.clear();
    story.w.pass(60s);
  } while (story.hoarder.bytes > before);
  CHECK(story.hoarder.bytes == 20 * story.sent.size());
  story.hoarder.kept.clear();
  CHECK(story.w.net().received_bytes_held() == 0);
}

TEST_CASE("a connection that waits for the budget can be closed") {
  hoarded story(3, {.address = port_80, .receive_window_bytes = 100'000}, with_budget(1000));
  story.w.pass(60s);
  REQUIRE(story.w.net().received_bytes_held() >= 3 * 1000); // of each something: all wait
  an::testkit::probe asker(story.w);
  CHECK(asker.asks(story.server, an::stop{0}).value<an::stopped>().forced == 3);
  CHECK(asker.asks(story.server, an::get_connections{}).value<an::connections>().count == 0);
  // Their bytes come back one connection after the other: when there is room in the budget again,
  // those who waited for it are gone, with their windows.
  const auto told = story.hoarder.bytes;
  story.hoarder.kept.clear();
  CHECK(story.w.net().received_bytes_held() == 0);
  story.w.pass(60s);
  CHECK(story.hoarder.bytes == told);
}

TEST_CASE("drain comes when the queue is as small as the low-water mark says") {
  served_client story(
      {.address = port_80, .high_water_mark_bytes = 50'000, .low_water_mark_bytes = 30'000},
      an::test::without_chance());
  story.client.stops_reading();
  auto asked = story.handler.asks(story.peer, an::write{an::text(pattern(500'000))});
  story.w.pass(10s);
  CHECK(story.handler.has_no_event());
  for (int i = 0; i < 1000 && story.info().buffered > 30'000; ++i) {
    CHECK(story.handler.has_no_event());
    story.client.reads_at_most(1000);
    story.w.pass(1s);
  }
  story.handler.expects<an::drain>();
  CHECK(story.info().buffered > 0);
  CHECK_FALSE(asked.answered());
}
