// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/receive_window.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using namespace actornet::net;

namespace {

/// What a loop is for `on_room`: something to post to from any thread.
class mailbox {
public:
  void post() {
    const std::lock_guard guard(mutex_);
    ++posted_;
    changed_.notify_all();
  }
  /// False if there were not `count` posts in good time.
  bool wait_for(std::size_t count) {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(guard, std::chrono::seconds(30), [&] { return posted_ >= count; });
  }
  std::size_t posted() {
    const std::lock_guard guard(mutex_);
    return posted_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t posted_ = 0;
};

/// Threads that keep what was received for a while, and then let it go.
class handlers {
public:
  handlers(receive_window_ptr window, std::size_t count) : window_(std::move(window)) {
    for (std::size_t id = 0; id < count; ++id)
      threads_.emplace_back([this] { run(); });
  }
  ~handlers() { finish(); }

  void give(std::size_t bytes) {
    const std::lock_guard guard(mutex_);
    queue_.push_back(bytes);
    changed_.notify_one();
  }
  /// Returns when everything given has been released.
  void finish() {
    {
      const std::lock_guard guard(mutex_);
      finished_ = true;
      changed_.notify_all();
    }
    for (auto& each : threads_)
      each.join();
    threads_.clear();
  }

private:
  std::optional<std::size_t> take() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return finished_ || !queue_.empty(); });
    if (queue_.empty())
      return std::nullopt;
    const auto bytes = queue_.front();
    queue_.pop_front();
    return bytes;
  }
  void run() {
    while (const auto bytes = take())
      window_->release(*bytes);
  }

  receive_window_ptr window_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::size_t> queue_;
  bool finished_ = false;
  std::vector<std::thread> threads_;
};

struct counted_window {
  explicit counted_window(std::size_t bytes_max)
      : window(make_receive_window(bytes_max, [this] { ++calls; })) {}

  int calls = 0;
  receive_window_ptr window;
};

} // namespace

TEST_CASE("a window has room until its bytes are held") {
  counted_window counted(100);
  auto& window = *counted.window;
  REQUIRE(window.bytes_max() == 100);
  REQUIRE(window.has_room_or_wait());
  window.charge(99);
  REQUIRE(window.has_room_or_wait());
  window.charge(1);
  REQUIRE(window.bytes_held() == 100);
  REQUIRE_FALSE(window.has_room_or_wait());
  window.release(100);
}

TEST_CASE("the last charge may reach beyond the window") {
  counted_window counted(100);
  auto& window = *counted.window;
  window.charge(99);
  window.charge(500);
  REQUIRE_FALSE(window.has_room_or_wait());
  window.release(499);
  REQUIRE(counted.calls == 0);
  window.release(1);
  REQUIRE(counted.calls == 1);
  REQUIRE(window.has_room_or_wait());
  window.release(99);
}

TEST_CASE("a waiting owner is called once, when there is room") {
  counted_window counted(100);
  auto& window = *counted.window;
  window.charge(150);
  REQUIRE_FALSE(window.has_room_or_wait());
  REQUIRE_FALSE(window.has_room_or_wait());
  window.release(50);
  REQUIRE(counted.calls == 0);
  window.release(50);
  REQUIRE(counted.calls == 1);
  window.release(50);
  REQUIRE(counted.calls == 1);
}

TEST_CASE("an owner who does not wait is not called") {
  counted_window counted(100);
  auto& window = *counted.window;
  window.charge(150);
  window.release(150);
  REQUIRE(counted.calls == 0);
}

TEST_CASE("an owner who stopped waiting is not called") {
  counted_window counted(100);
  auto& window = *counted.window;
  window.charge(150);
  REQUIRE_FALSE(window.has_room_or_wait());
  window.stop_waiting();
  window.release(150);
  REQUIRE(counted.calls == 0);
  REQUIRE(window.has_room_or_wait());
}

TEST_CASE("an owner may wait again after each call") {
  counted_window counted(100);
  auto& window = *counted.window;
  for (int times = 1; times <= 3; ++times) {
    window.charge(100);
    REQUIRE_FALSE(window.has_room_or_wait());
    window.release(100);
    REQUIRE(counted.calls == times);
    REQUIRE(window.has_room_or_wait());
  }
}

TEST_CASE("a window of no bytes lets one block in at a time") {
  counted_window counted(0);
  auto& window = *counted.window;
  REQUIRE(window.has_room_or_wait());
  window.charge(64);
  REQUIRE_FALSE(window.has_room_or_wait());
  window.release(64);
  REQUIRE(counted.calls == 1);
}

TEST_CASE("a window lives until its bytes are released, and then frees what it called") {
  const auto captured = std::make_shared<int>(0);
  auto pointer = make_receive_window(100, [captured] { ++*captured; });
  auto* const window = pointer.get();
  window->charge(60);
  window->charge(60);
  REQUIRE_FALSE(window->has_room_or_wait());
  pointer.reset();
  REQUIRE_FALSE(pointer);
  window->release(60);
  REQUIRE(captured.use_count() == 2);
  window->release(60);
  REQUIRE(captured.use_count() == 1);
  REQUIRE(*captured == 0);
}

TEST_CASE("a window lives as long as a pointer to it") {
  const auto captured = std::make_shared<int>(0);
  auto pointer = make_receive_window(100, [captured] { ++*captured; });
  auto copy = pointer;
  REQUIRE(copy == pointer);
  pointer = nullptr;
  REQUIRE(captured.use_count() == 2);
  const auto moved = std::move(copy);
  REQUIRE(copy == nullptr); // NOLINT(bugprone-use-after-move): that is the question
  REQUIRE(moved->bytes_held() == 0);
  REQUIRE(captured.use_count() == 2);
}

TEST_CASE("a window survives the call in which its owner lets go of it") {
  receive_window_ptr pointer;
  int calls = 0;
  const auto captured = std::make_shared<int>(0);
  pointer = make_receive_window(100, [&calls, &pointer, captured] {
    ++calls;
    pointer.reset();
  });
  pointer->charge(100);
  REQUIRE_FALSE(pointer->has_room_or_wait());
  pointer->release(100);
  REQUIRE(calls == 1);
  REQUIRE(captured.use_count() == 1);
}

TEST_CASE("with bytes freed on many threads, each wait ends in exactly one call") {
  mailbox calls;
  const auto window = make_receive_window(100, [&] { calls.post(); });
  handlers handling(window, 3);
  std::size_t waits = 0;
  for (int received = 0; received < 20'000; ++received) {
    while (!window->has_room_or_wait())
      REQUIRE(calls.wait_for(++waits));
    const auto bytes = static_cast<std::size_t>(received % 90 + 1);
    window->charge(bytes);
    handling.give(bytes);
  }
  handling.finish();
  REQUIRE(calls.posted() == waits);
  REQUIRE(window->bytes_held() == 0);
}

TEST_CASE("with bytes freed on many threads, a wait that is given up is called at most once") {
  mailbox calls;
  const auto window = make_receive_window(1, [&] { calls.post(); });
  handlers handling(window, 3);
  std::size_t waits = 0;
  for (int times = 0; times < 5'000; ++times) {
    window->charge(1);
    handling.give(1);
    if (!window->has_room_or_wait())
      ++waits;
    window->stop_waiting();
  }
  handling.finish();
  REQUIRE(calls.posted() <= waits);
  const auto before = calls.posted();
  window->charge(1);
  window->release(1);
  REQUIRE(calls.posted() == before);
}

TEST_CASE("an owner may let go of a window while its bytes are freed elsewhere") {
  for (int round = 0; round < 300; ++round) {
    mailbox calls;
    auto window = make_receive_window(2, [&] { calls.post(); });
    window->charge(1);
    window->charge(1);
    std::thread first([held = window.get()] { held->release(1); });
    std::thread second([held = window.get()] { held->release(1); });
    const bool waits = !window->has_room_or_wait();
    window.reset();
    first.join();
    second.join();
    REQUIRE(calls.posted() <= (waits ? 1U : 0U));
  }
}
