// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/block.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace actornet::net;

namespace {

/// Counts how often it was freed.
struct watched_block final : block {
  explicit watched_block(std::size_t capacity) : block(capacity, count) {}

  static void count(block* gone) noexcept { ++static_cast<watched_block*>(gone)->freed; }

  std::atomic<int> freed = 0;
};

} // namespace

TEST_CASE("a block is freed with the last pointer to it, once") {
  watched_block watched(10);
  auto first = block_ptr(&watched);
  auto second = first;
  auto third = std::move(second);
  REQUIRE_FALSE(second); // NOLINT(bugprone-use-after-move): that is the question
  first = block_ptr();
  REQUIRE(watched.freed == 0);
  third = block_ptr();
  REQUIRE(watched.freed == 1);
}

TEST_CASE("a block is freed when its pointer takes another one") {
  watched_block one(1);
  watched_block other(2);
  auto pointer = block_ptr(&one);
  pointer = block_ptr(&other);
  REQUIRE(one.freed == 1);
  REQUIRE(other.freed == 0);
  REQUIRE(pointer->capacity() == 2);
}

TEST_CASE("a block that was reset is shared, charged and freed as if it were new") {
  const auto window = make_receive_window(1000, nullptr);
  watched_block watched(300);
  for (int times = 1; times <= 3; ++times) {
    watched.charge(window);
    auto pointer = block_ptr(&watched);
    auto copy = pointer;
    pointer = block_ptr();
    REQUIRE(watched.freed == times - 1);
    REQUIRE(window->bytes_held() == 300);
    copy = block_ptr();
    REQUIRE(watched.freed == times);
    REQUIRE(window->bytes_held() == 0);
    watched.reset();
  }
}

TEST_CASE("a block without a window is not counted anywhere") {
  watched_block watched(300);
  watched.charge(nullptr);
  watched.drop_reference();
  REQUIRE(watched.freed == 1);
}

TEST_CASE("the owner of a window hears of room after the memory is free") {
  watched_block watched(300);
  int freed_when_called = -1;
  const auto window = make_receive_window(300, [&] { freed_when_called = watched.freed; });
  watched.charge(window);
  auto pointer = block_ptr(&watched);
  REQUIRE_FALSE(window->has_room_or_wait());
  pointer = block_ptr();
  REQUIRE(freed_when_called == 1);
}

TEST_CASE("a block that many threads share is freed once, by the last of them") {
  for (int round = 0; round < 200; ++round) {
    const auto window = make_receive_window(1000, nullptr);
    watched_block watched(300);
    watched.charge(window);
    auto pointer = block_ptr(&watched);
    std::vector<std::thread> threads;
    for (int id = 0; id < 4; ++id)
      threads.emplace_back([mine = pointer]() mutable {
        for (int times = 0; times < 100; ++times)
          block_ptr copy = mine;
        mine = block_ptr();
      });
    pointer = block_ptr();
    for (auto& each : threads)
      each.join();
    REQUIRE(watched.freed == 1);
    REQUIRE(window->bytes_held() == 0);
  }
}
