// SPDX-License-Identifier: BSD-3-Clause
// What a loop does that looks for a while before it sleeps.
#include "support/recorded_datagrams.hpp"

#include <chrono>
#include <ctime>
#include <thread>

using namespace actornet::net;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

duration processor_time() {
  timespec spent{};
  REQUIRE(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent) == 0);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

// A wait of so long that it shows even on a busy machine whether it was a sleep.
constexpr auto wait_time = 200ms;
constexpr auto of_a_sleep_max = 5ms;

duration spent_waiting(io_backend& loop) {
  loop.poll(loop.now()); // what is to be handed over
  const auto before = loop.now();
  const auto spent_before = processor_time();
  loop.poll(before + wait_time);
  CHECK(loop.now() - before >= wait_time);
  return processor_time() - spent_before;
}

} // namespace

TEST_CASE("a loop sleeps unless it is to poll busily, and then soon again", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  auto& loop = world.backend();
  CHECK(spent_waiting(loop) < of_a_sleep_max);
  loop.set_busy_poll(1h); // it looks until the wait is over
  CHECK(spent_waiting(loop) > of_a_sleep_max);
  CHECK(spent_waiting(loop) < of_a_sleep_max);
  loop.set_busy_poll(0s);
  CHECK(spent_waiting(loop) < of_a_sleep_max);
}

TEST_CASE("a loop that polls busily hears of what comes", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  recorded_datagrams here, there;
  open_datagrams(world.backend(), here);
  open_datagrams(world.second_backend(), there);
  world.second_backend().set_busy_poll(1h);
  for (std::size_t i = 1; i <= 100; ++i) {
    here.socket->send(text("x"), there.local(), i);
    world.backend().flush();
    world.backend().poll(world.backend().now());
    while (there.received.size() < i)
      world.second_backend().poll(std::nullopt);
  }
  CHECK(here.outcomes.size() == 100);
}

TEST_CASE("a loop that polls busily can be woken, while it looks and while it sleeps",
          "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  auto& loop = world.backend();
  for (auto longest : {duration(1h), duration(1us)}) {
    loop.set_busy_poll(longest);
    std::thread other([&] { loop.wake(); });
    loop.poll(std::nullopt);
    other.join();
  }
}
