// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <deque>
#include <random>

using namespace actornet::net;
using namespace actornet::test;

namespace {

// Pieces of all sizes, the empty one too, many to a turn.
void send_in_pieces(recorded_stream& from, const std::string& bytes) {
  std::minstd_rand dice(bytes.size() == 0 ? 1u : static_cast<unsigned>(bytes.size()));
  auto whole = chunk::copy_of(bytes);
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t size = dice() % 3 == 0 ? dice() % 40 : dice() % 50000;
    from.socket->send(whole.slice(at, size));
    at += size;
  }
}

// Costs no memory, as nobody writes to it.
chunk zeros(std::size_t size) {
  void* place =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(place != MAP_FAILED);
  std::shared_ptr<void> owner(place, [size](void* gone) { ::munmap(gone, size); });
  return chunk::from({static_cast<const std::byte*>(place), size}, std::move(owner));
}

} // namespace

TEST_CASE("bytes arrive intact in both directions at once", "[backend]") {
  auto size = GENERATE(std::size_t{1}, std::size_t{64 * 1024}, std::size_t{5'000'000});
  ON_EVERY_BACKEND(world);
  CAPTURE(size);
  connected_pair pair(world);
  auto up = pattern(size);
  auto down = pattern(size + 7);
  pair.client.socket->start_receiving();
  pair.server.socket->start_receiving();
  send_in_pieces(pair.client, up);
  send_in_pieces(pair.server, down);
  REQUIRE(world.run_until([&] {
    return pair.server.received.size() >= up.size() && pair.client.received.size() >= down.size();
  }));
  CHECK(pair.server.received == up);
  CHECK(pair.client.received == down);
  CHECK(pair.client.sent == up.size());
  CHECK(pair.server.sent == down.size());
  CHECK(pair.client.socket->unsent_bytes() == 0);
}

TEST_CASE("the sends of a turn arrive in their order", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    auto piece = std::to_string(i) + ",";
    expected += piece;
    pair.client.socket->send(text(piece));
  }
  CHECK(pair.client.socket->unsent_bytes() == expected.size());
  CHECK(pair.client.told.empty());
  REQUIRE(world.run_until([&] { return pair.server.received.size() >= expected.size(); }));
  CHECK(pair.server.received == expected);
}

TEST_CASE("more chunks than fit into one call arrive in order at a slow reader", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto bytes = pattern(10'000'000);
  auto whole = chunk::copy_of(bytes);
  for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 200)
    pair.client.socket->send(whole.slice(at, bytes.size() / 200));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  pair.server.then = [&](std::string_view) { pair.server.socket->stop_receiving(); };
  REQUIRE(world.run_until([&] {
    pair.server.socket->start_receiving();
    return pair.server.was_told("end");
  }));
  CHECK(pair.server.received == bytes);
  CHECK(pair.client.sent == bytes.size());
  CHECK(pair.client.was_told("finished"));
}

// Several at once, because a backend may send on few in another way.
TEST_CASE("a chunk of 4 GiB is sent like any other", "[backend]") {
  ON_EVERY_BACKEND(world);
  std::deque<connected_pair> pairs;
  for (int i = 0; i < 4; ++i)
    pairs.emplace_back(world);
  const auto huge = zeros(std::size_t{1} << 32);
  for (auto& each : pairs)
    each.client.socket->send(huge);
  REQUIRE(world.run_until([&] {
    return std::all_of(pairs.begin(), pairs.end(), [](auto& each) { return each.client.sent > 0; });
  }));
  for (auto& each : pairs)
    CHECK(each.client.sent + each.client.socket->unsent_bytes() == huge.size());
}

TEST_CASE("flush sends what a turn has asked for", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("abc"));
  CHECK(pair.client.sent == 0);
  world.backend().flush();
  CHECK(pair.client.sent > 0);
}

TEST_CASE("nothing is received before start_receiving", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("early"));
  world.settle();
  CHECK(pair.server.told.empty());
  pair.server.socket->start_receiving();
  CHECK(world.run_until([&] { return pair.server.received == "early"; }));
}

TEST_CASE("after stop_receiving bytes wait until it is started again", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("one "));
  REQUIRE(world.run_until([&] { return pair.server.received == "one "; }));
  pair.server.socket->stop_receiving();
  world.settle();
  pair.client.socket->send(text("two"));
  world.settle();
  CHECK(pair.server.received == "one ");
  pair.server.socket->start_receiving();
  CHECK(world.run_until([&] { return pair.server.received == "one two"; }));
}

TEST_CASE("receiving can be stopped and started after every piece", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto bytes = pattern(300'000);
  pair.server.then = [&](std::string_view) { pair.server.socket->stop_receiving(); };
  pair.client.socket->send(chunk::copy_of(bytes));
  pair.client.socket->finish();
  REQUIRE(world.run_until([&] {
    pair.server.socket->start_receiving();
    return pair.server.was_told("end");
  }));
  CHECK(pair.server.received == bytes);
}

TEST_CASE("a start_receiving within a stop loses nothing", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.server.socket->stop_receiving();
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("abc"));
  CHECK(world.run_until([&] { return pair.server.received == "abc"; }));
}

TEST_CASE("who sends to a peer that does not read is told that it is blocked", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto bytes = pattern(16'000'000);
  pair.client.socket->send(chunk::copy_of(bytes));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  world.settle();
  CHECK(pair.client.sent < bytes.size());
  CHECK(pair.client.sent + pair.client.socket->unsent_bytes() == bytes.size());
  // Told once per attempt, and an attempt needs room: never twice without progress in between.
  const auto& told = pair.client.told;
  CHECK(told.back() == "blocked");
  CHECK(std::adjacent_find(told.begin(), told.end(), [](const auto& left, const auto& right) {
          return left == "blocked" && right == "blocked";
        }) == told.end());

  // Progress continues by itself once the peer reads.
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.received.size() == bytes.size(); }));
  CHECK(pair.server.received == bytes);
  CHECK(pair.client.sent == bytes.size());
  CHECK(pair.client.socket->unsent_bytes() == 0);
}

TEST_CASE("a chunk is held until the kernel has it, and no longer", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  auto window = make_receive_window(1, {});
  pair.server.keeps_chunks = true;
  pair.server.socket->set_receive_window(window);
  pair.client.socket->send(chunk::copy_of(pattern(1000)));
  REQUIRE(world.run_until([&] { return pair.server.received.size() == 1000; }));
  REQUIRE(window->bytes_held() > 0);
  for (auto& each : pair.server.chunks)
    pair.server.socket->send(std::move(each));
  pair.server.chunks.clear();
  CHECK(window->bytes_held() > 0);
  REQUIRE(world.run_until([&] { return pair.server.sent == 1000; }));
  CHECK(window->bytes_held() == 0);
}

TEST_CASE("what is received is charged to the window for as long as it lives", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto window = make_receive_window(1 << 20, {});
  pair.server.socket->set_receive_window(window);
  pair.server.keeps_chunks = true;
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(pattern(100'000)));
  REQUIRE(world.run_until([&] { return pair.server.received.size() == 100'000; }));
  CHECK(window->bytes_held() >= 100'000);
  std::size_t pinned = 0;
  for (const auto& each : pair.server.chunks)
    pinned += each.pinned_bytes();
  CHECK(window->bytes_held() == pinned);
  pair.server.chunks.clear();
  CHECK(window->bytes_held() == 0);
}

TEST_CASE("events go to whoever set_events named last", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  recorded_stream heir;
  pair.server.socket->start_receiving();
  pair.client.socket->send(text("for the first"));
  REQUIRE(world.run_until([&] { return pair.server.received == "for the first"; }));
  pair.server.socket->set_events(heir);
  pair.client.socket->send(text("for the heir"));
  REQUIRE(world.run_until([&] { return heir.received == "for the heir"; }));
  CHECK(pair.server.received == "for the first");
}
