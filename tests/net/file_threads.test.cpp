// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include "kernel_file_threads.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace actornet::net;
using namespace std::chrono_literals;

namespace {

constexpr auto generous = 30s;

class piece final : public file_threads::work {
public:
  explicit piece(std::function<void()> what) : what_(std::move(what)) {}
  void perform() noexcept override { what_(); }

private:
  std::function<void()> what_;
};

std::shared_ptr<piece> make_piece(std::function<void()> what) {
  return std::make_shared<piece>(std::move(what));
}

/// Work that does not return until it is let go.
class stuck_work {
public:
  explicit stuck_work(file_threads& threads) {
    threads.run(make_piece([this, on = going_on_.get_future().share()] {
      began_.set_value();
      on.wait();
      over_.set_value();
    }));
    began_.get_future().wait();
  }
  ~stuck_work() {
    going_on_.set_value();
    over_.get_future().wait();
  }

private:
  std::promise<void> going_on_;
  std::promise<void> began_;
  std::promise<void> over_;
};

void must_run(file_threads& threads) {
  auto ran = std::make_shared<std::promise<void>>();
  auto future = ran->get_future();
  threads.run(make_piece([ran] { ran->set_value(); }));
  CHECK(future.wait_for(generous) == std::future_status::ready);
}

} // namespace

TEST_CASE("work is done on a thread of its own, with every signal blocked") {
  file_threads threads({});
  REQUIRE(threads.prepare());
  std::promise<bool> told;
  threads.run(make_piece([&] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    told.set_value(sigismember(&mask, SIGPIPE) == 1 && sigismember(&mask, SIGXFSZ) == 1);
  }));
  CHECK(told.get_future().get());
}

TEST_CASE("threads that hang are made up for") {
  file_threads threads({.threads_at_first = 1, .threads_max = 4, .stuck_after = 1ms});
  REQUIRE(threads.prepare());
  std::vector<std::unique_ptr<stuck_work>> stuck;
  for (int i = 0; i < 3; ++i)
    stuck.push_back(std::make_unique<stuck_work>(threads));
  must_run(threads);
  CHECK(threads.threads() == 4);
}

TEST_CASE("there are no more threads than allowed, and what waits is done in the end") {
  file_threads threads({.threads_at_first = 1, .threads_max = 2, .stuck_after = 1ms});
  REQUIRE(threads.prepare());
  std::promise<void> ran;
  auto future = ran.get_future();
  {
    stuck_work first(threads);
    stuck_work second(threads);
    threads.run(make_piece([&] { ran.set_value(); }));
    // Longer than it takes to see that all are stuck.
    CHECK(future.wait_for(50ms) == std::future_status::timeout);
    CHECK(threads.threads() == 2);
  }
  CHECK(future.wait_for(generous) == std::future_status::ready);
}

TEST_CASE("threads beyond the first end when there is nothing to do") {
  file_threads threads(
      {.threads_at_first = 1, .threads_max = 4, .stuck_after = 1ms, .idle_max = 1ms});
  REQUIRE(threads.prepare());
  {
    stuck_work first(threads);
    stuck_work second(threads);
    CHECK(threads.threads() >= 2);
  }
  const auto deadline = std::chrono::steady_clock::now() + generous;
  while (threads.threads() > 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(threads.threads() == 1);
  must_run(threads);
}

TEST_CASE("what waits for a descriptor holds no thread, and runs when that is ready") {
  file_threads threads({.threads_at_first = 1, .threads_max = 1});
  REQUIRE(threads.prepare());
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  std::promise<void> ran;
  auto future = ran.get_future();
  CHECK(threads.run_when_ready(ends[0], POLLIN, make_piece([&] { ran.set_value(); })));
  must_run(threads);
  CHECK(future.wait_for(0s) == std::future_status::timeout);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  CHECK(future.wait_for(generous) == std::future_status::ready);
  CHECK_FALSE(threads.hurry(ends[0]));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("who waits for a descriptor may be hurried") {
  file_threads threads({});
  REQUIRE(threads.prepare());
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  std::promise<void> ran;
  CHECK(threads.run_when_ready(ends[0], POLLIN, make_piece([&] { ran.set_value(); })));
  CHECK(threads.hurry(ends[0]));
  CHECK(ran.get_future().wait_for(generous) == std::future_status::ready);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("the threads of the process are shared, and go with the last who has them") {
  std::weak_ptr<file_threads> seen;
  {
    auto first = file_threads::shared();
    seen = first;
    CHECK(file_threads::shared() == first);
  }
  CHECK(seen.expired());
}

TEST_CASE("a thread that is stuck outlives those who asked, and does no harm") {
  std::promise<void> go_on;
  std::promise<void> began;
  auto over = std::make_shared<std::promise<void>>();
  auto future = over->get_future();
  {
    file_threads threads({});
    REQUIRE(threads.prepare());
    threads.run(make_piece([&began, on = go_on.get_future().share(), over] {
      began.set_value();
      on.wait();
      over->set_value();
    }));
    began.get_future().wait();
  }
  go_on.set_value();
  CHECK(future.wait_for(generous) == std::future_status::ready);
}
