// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/buffer_pool.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

using namespace actornet::net;

namespace {

constexpr std::size_t big = 1000;

buffer_pool::options small_pool(std::size_t blocks_kept_max = 4) {
  return {.block_bytes = big, .copy_below_bytes = 100, .blocks_kept_max = blocks_kept_max};
}

/// As if `size` times `letter` came in.
chunk receive(buffer_pool& pool, std::size_t size, char letter,
              const receive_window_ptr& window = nullptr) {
  std::memset(pool.writable().data(), letter, size);
  return pool.take(size, window);
}

/// A queue between threads; an empty chunk ends it.
class queue {
public:
  void put(chunk bytes) {
    const std::lock_guard guard(mutex_);
    queue_.push_back(std::move(bytes));
    changed_.notify_one();
  }
  chunk get() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return !queue_.empty(); });
    auto bytes = std::move(queue_.front());
    queue_.pop_front();
    return bytes;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<chunk> queue_;
};

bool is_on_cache_line(const std::byte* data) {
  return reinterpret_cast<std::uintptr_t>(data) % 64 == 0;
}

bool all_are(const chunk& bytes, char letter) {
  return std::all_of(bytes.view().begin(), bytes.view().end(),
                     [letter](char each) { return each == letter; });
}

} // namespace

TEST_CASE("a new pool has no memory before it is asked for some") {
  buffer_pool pool;
  REQUIRE(pool.blocks_idle() == 0);
  REQUIRE(pool.writable().size() == buffer_pool::options().block_bytes);
  REQUIRE(pool.blocks_idle() == 1);
}

TEST_CASE("few bytes are copied out, and the same memory receives the next ones") {
  buffer_pool pool;
  auto* const memory = pool.writable().data();
  const auto first = receive(pool, 10, 'a');
  const auto second = receive(pool, 20, 'b');
  REQUIRE(pool.writable().data() == memory);
  REQUIRE(first.view() == std::string(10, 'a'));
  REQUIRE(second.view() == std::string(20, 'b'));
  REQUIRE(first.pinned_bytes() < 100);
}

TEST_CASE("many bytes go out in the memory that received them") {
  buffer_pool pool(small_pool());
  auto* const memory = pool.writable().data();
  const auto bytes = receive(pool, 100, 'a');
  REQUIRE(bytes.data() == memory);
  REQUIRE(bytes.pinned_bytes() >= big);
  REQUIRE(bytes.pinned_bytes() < big + 100);
  REQUIRE(pool.writable().data() != memory);
  receive(pool, big, 'b');
  REQUIRE(bytes.view() == std::string(100, 'a'));
}

TEST_CASE("blocks begin on a cache line, however large they are") {
  for (std::size_t bytes = big; bytes < big + 64; ++bytes) {
    buffer_pool pool({.block_bytes = bytes, .copy_below_bytes = 100, .blocks_kept_max = 4});
    const auto lent = pool.lend();
    CAPTURE(bytes);
    REQUIRE(is_on_cache_line(lent.data));
    REQUIRE(is_on_cache_line(pool.writable().data()));
  }
}

TEST_CASE("one byte less than the limit is copied") {
  buffer_pool pool(small_pool());
  auto* const memory = pool.writable().data();
  REQUIRE(receive(pool, 99, 'a').data() != memory);
  REQUIRE(pool.writable().data() == memory);
}

TEST_CASE("a read of nothing gives an empty chunk that is not charged") {
  buffer_pool pool(buffer_pool::options{.block_bytes = 10, .copy_below_bytes = 0});
  const auto window = make_receive_window(100, nullptr);
  auto* const memory = pool.writable().data();
  REQUIRE(pool.take(0, window).empty());
  REQUIRE(window->bytes_held() == 0);
  REQUIRE(pool.writable().data() == memory);
}

TEST_CASE("a window counts what a chunk pins, as long as one of its slices lives") {
  buffer_pool pool(small_pool());
  const auto window = make_receive_window(100'000, nullptr);
  auto few = receive(pool, 10, 'a', window);
  REQUIRE(window->bytes_held() == few.pinned_bytes());
  auto many = receive(pool, 500, 'b', window);
  REQUIRE(window->bytes_held() == few.pinned_bytes() + many.pinned_bytes());
  few = chunk();
  many = many.slice(499);
  REQUIRE(window->bytes_held() == many.pinned_bytes());
  many = chunk();
  REQUIRE(window->bytes_held() == 0);
}

TEST_CASE("single bytes fill a window before they fill the memory") {
  buffer_pool pool;
  const auto window = make_receive_window(10'000, nullptr);
  std::vector<chunk> kept;
  while (window->has_room_or_wait())
    kept.push_back(receive(pool, 1, 'a', window));
  REQUIRE(kept.size() * sizeof(block) < 10'000 + sizeof(block));
}

TEST_CASE("a block that came back is used again") {
  buffer_pool pool(small_pool());
  auto* const memory = pool.writable().data();
  auto bytes = receive(pool, big, 'a');
  REQUIRE(pool.blocks_idle() == 0);
  bytes = chunk();
  REQUIRE(pool.blocks_idle() == 1);
  REQUIRE(pool.writable().data() == memory);
  REQUIRE(pool.blocks_idle() == 1);
}

TEST_CASE("a block that is used again is charged again") {
  buffer_pool pool(small_pool());
  for (int times = 0; times < 3; ++times) {
    const auto window = make_receive_window(big, nullptr);
    auto bytes = receive(pool, big, 'a', window);
    REQUIRE(window->bytes_held() == bytes.pinned_bytes());
    bytes = chunk();
    REQUIRE(window->bytes_held() == 0);
  }
}

TEST_CASE("a pool keeps no more returned blocks than it was told to") {
  buffer_pool pool(small_pool(4));
  std::vector<chunk> received;
  for (int count = 0; count < 20; ++count)
    received.push_back(receive(pool, big, 'a'));
  pool.writable();
  received.clear();
  REQUIRE(pool.blocks_idle() == 4 + 1);
}

TEST_CASE("a pool that keeps nothing still works") {
  buffer_pool pool(small_pool(0));
  for (int count = 0; count < 5; ++count)
    REQUIRE(all_are(receive(pool, big, 'a'), 'a'));
  REQUIRE(pool.blocks_idle() == 0);
}

TEST_CASE("blocks outlive their pool") {
  std::optional<buffer_pool> pool(small_pool());
  const auto window = make_receive_window(10 * big, nullptr);
  auto few = receive(*pool, 10, 'a', window);
  auto many = receive(*pool, big, 'b', window);
  auto returned = receive(*pool, big, 'c', window);
  returned = chunk();
  pool.reset();
  REQUIRE(all_are(few, 'a'));
  REQUIRE(all_are(many, 'b'));
  few = many = chunk();
  REQUIRE(window->bytes_held() == 0);
}

TEST_CASE("blocks come back from other threads, unharmed and within the bound") {
  buffer_pool pool(small_pool(4));
  std::set<const std::byte*> memory_seen;
  queue to_threads[3];
  std::atomic<int> damaged = 0;
  std::vector<std::thread> threads;
  for (auto& mine : to_threads)
    threads.emplace_back([&mine, &damaged] {
      for (auto bytes = mine.get(); !bytes.empty(); bytes = mine.get())
        if (!all_are(bytes, bytes.view().front()))
          ++damaged;
    });
  const auto window = make_receive_window(8 * big, nullptr);
  for (std::size_t count = 0; count < 20'000; ++count) {
    const auto bytes =
        receive(pool, count % 7 == 0 ? 50 : big, static_cast<char>('a' + count % 26), window);
    if (!window->has_room_or_wait())
      continue;
    to_threads[count % 3].put(bytes.slice(0, 20));
    to_threads[(count + 1) % 3].put(bytes.slice(20));
  }
  for (auto& each : to_threads)
    each.put(chunk());
  for (auto& each : threads)
    each.join();
  REQUIRE(damaged == 0);
  REQUIRE(window->bytes_held() == 0);
  REQUIRE(pool.blocks_idle() <= 4 + 1);
}

TEST_CASE("a pool may be destroyed while its blocks are freed on other threads") {
  for (int round = 0; round < 200; ++round) {
    std::optional<buffer_pool> pool(small_pool());
    std::vector<std::thread> threads;
    for (int id = 0; id < 3; ++id) {
      auto first = receive(*pool, big, 'a');
      auto second = receive(*pool, big, 'b');
      threads.emplace_back([first = std::move(first), second = std::move(second)]() mutable {
        first = chunk();
        second = chunk();
      });
    }
    pool.reset();
    for (auto& each : threads)
      each.join();
  }
  SUCCEED("checked by the sanitizers: nothing leaks, nothing is freed twice");
}
