// SPDX-License-Identifier: BSD-3-Clause

// Method: where a peer is to be faster than a turn, it acts within the callbacks of that turn, so
// that there is more to do for as long as the turn goes on. A turn without a bound then goes on
// until the peer gives up.

#include "support/connected_pair.hpp"
#include "support/held_end.hpp"

#include <deque>

using namespace actornet::net;
using namespace actornet::test;

namespace {

// How often the peer makes more to do. Many times what any backend does in a few turns.
constexpr int patience = 2000;
// One turn serves all; but where everything runs out all the time, it may take a few.
constexpr int few_polls = 5;

void poll(backend_world& world, int times) {
  for (int i = 0; i < times; ++i)
    world.backend().poll(world.backend().now());
}

} // namespace

// One thread is the sender and the reader, who take turns: this shows that turns are shared, the
// cases below that they end.
TEST_CASE("a flood on one connection does not keep another from being served", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair flood(world), other(world);
  auto plenty = chunk::copy_of(pattern(1'000'000));
  flood.server.then = [&](std::string_view) { flood.server.received.clear(); };
  flood.client.then = [&](std::string_view word) {
    if (word == "sent" && flood.client.socket->unsent_bytes() < plenty.size())
      flood.client.socket->send(plenty);
  };
  flood.server.socket->start_receiving();
  other.server.socket->start_receiving();
  flood.client.socket->send(plenty);
  REQUIRE(world.run_until([&] { return flood.server.count("received") > 20; }));
  for (int i = 0; i < 20; ++i) {
    other.server.received.clear();
    other.client.socket->send(text("x"));
    world.backend().flush();
    world.let_arrive();
    for (int polls = 0; polls < 5 && other.server.received.empty(); ++polls)
      world.backend().poll(world.backend().now());
    CHECK(other.server.received == "x");
  }
}

TEST_CASE("a peer that always has more does not hold up a turn", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // a stream receives once a turn, and what is sent in it comes later
  held_end flood(world.backend()), other(world.backend());
  const auto plenty = pattern(64 * 1024);
  int times = 0;
  flood.stream.then = [&](std::string_view) {
    flood.stream.received.clear();
    if (times++ < patience)
      flood.fill_with(plenty);
  };
  flood.stream.socket->start_receiving();
  other.stream.socket->start_receiving();
  world.settle();
  flood.fill_with(plenty);
  other.write("x");
  poll(world, few_polls);
  CHECK(times > 0);
  CHECK(times < patience);
  CHECK(other.stream.received == "x");
  REQUIRE(world.run_until([&] { return times > patience; }));
}

TEST_CASE("a reader that takes everything at once does not hold up a turn", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // a stream sends once a turn
  held_end greedy(world.backend()), other(world.backend());
  const auto much = chunk::copy_of(pattern(100'000));
  constexpr std::size_t chunks = 1000;
  greedy.stream.then = [&](std::string_view) { greedy.drain(); };
  for (std::size_t i = 0; i < chunks; ++i)
    greedy.stream.socket->send(much);
  other.stream.socket->send(text("x"));
  poll(world, few_polls);
  CHECK(other.read() == "x");
  CHECK(greedy.stream.sent > 0);
  CHECK(greedy.stream.sent < chunks * much.size());
  REQUIRE(world.run_until([&] { return greedy.stream.sent == chunks * much.size(); }));
}

TEST_CASE("clients that always come do not hold up a turn", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  connected_pair other(world);
  int accepted = 0;
  std::deque<recorded_stream> clients;
  auto another_comes = [&] {
    auto& client = clients.emplace_back();
    client.socket = world.second_backend().connect(listener.local, {}, client);
    if (clients.size() > 10)
      clients.pop_front();
  };
  listener.then = [&] {
    listener.accepted.clear();
    if (++accepted < patience)
      another_comes();
  };
  other.server.socket->start_receiving();
  world.settle();
  another_comes();
  other.client.socket->send(text("x"));
  world.backend().flush();
  world.let_arrive();
  poll(world, few_polls);
  CHECK(other.server.received == "x");
  CHECK(accepted > 0);
  CHECK(accepted < patience);
  REQUIRE(world.run_until([&] { return accepted == patience; }));
}
