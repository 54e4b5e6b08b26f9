// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

using namespace actornet::net;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

/// SIGUSR1 is caught, and no system call goes on by itself after it.
struct caught_signals {
  caught_signals() {
    struct sigaction wanted {};
    wanted.sa_handler = [](int) {};
    REQUIRE(::sigaction(SIGUSR1, &wanted, &before_) == 0);
  }
  ~caught_signals() { ::sigaction(SIGUSR1, &before_, nullptr); }
  caught_signals(const caught_signals&) = delete;
  caught_signals& operator=(const caught_signals&) = delete;

private:
  struct sigaction before_ {};
};

// A signal wakes a thread before the call that sends it returns; so when it is asleep after that,
// it is so again. proc(5): the state stands behind the name, which is in parentheses.
bool is_asleep(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(file, line);
  auto end = line.rfind(')');
  return end != std::string::npos && line.substr(end, 3) == ") S";
}

bool eventually(const std::function<bool()>& condition) {
  auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition() && std::chrono::steady_clock::now() < deadline)
    ::sched_yield();
  return condition();
}

} // namespace

TEST_CASE("wake from another thread ends a poll without a limit", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // its poll never waits
  auto& loop = world.backend();
  for (int round = 0; round < 20; ++round) {
    std::thread other([&] { loop.wake(); });
    loop.poll(std::nullopt); // hangs, and the test with it, if it is not woken
    other.join();
  }
  SUCCEED();
}

TEST_CASE("a signal does not end a poll, and a wake after it does", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // its poll never waits
  caught_signals signals;
  std::atomic<pid_t> who{0};
  std::atomic<bool> over{false};
  std::thread waiting([&] {
    who = ::gettid();
    world.backend().poll(std::nullopt);
    over = true;
  });
  REQUIRE(eventually([&] { return who != 0 && is_asleep(who); }));
  for (int sent = 1; sent <= 20 && !over; ++sent) {
    ::pthread_kill(waiting.native_handle(), SIGUSR1);
    CHECK(eventually([&] { return over || is_asleep(who); }));
  }
  CHECK_FALSE(over);
  world.backend().wake();
  waiting.join();
  CHECK(over);
}

TEST_CASE("a wake before the poll is not lost, and only ends one", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto& loop = world.backend();
  loop.wake();
  loop.wake();
  if (auto* network = world.simulation()) {
    CHECK(network->next_event() == network->now());
    loop.poll(std::nullopt);
    CHECK(network->next_event() == std::nullopt);
    return;
  }
  loop.poll(std::nullopt);
  auto before = loop.now();
  loop.poll(before + 20ms);
  CHECK(loop.now() - before >= 20ms);
}

TEST_CASE("a poll until a time that has come does not wait", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto& loop = world.backend();
  auto before = loop.now();
  for (int i = 0; i < 1000; ++i)
    loop.poll(loop.now());
  CHECK(loop.now() - before < 10s);
  CHECK(loop.now() >= before);
}

TEST_CASE("a poll waits for its time if nothing happens", "[backend]") {
  ON_EVERY_BACKEND(world);
  if (world.simulation() != nullptr)
    return; // its time passes only when the test says so
  auto& loop = world.backend();
  loop.poll(loop.now());
  auto until = loop.now() + 5ms;
  loop.poll(until);
  CHECK(loop.now() >= until);
}

TEST_CASE("a poll does not wait while flush has told something", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  world.settle();
  pair.client.socket->send(text("abc"));
  world.backend().poll(std::nullopt); // hangs if it waits: nobody reads, nothing else happens
  CHECK(pair.client.sent == 3);
}
