// SPDX-License-Identifier: BSD-3-Clause

// What a turn costs: how often the kernel is entered.

#include "support/uring_loop.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

using namespace actornet::net;
using namespace actornet::test;

namespace {

/// Descriptors for so many connections, and for what else a program has.
void allow_descriptors(rlim_t count) {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, count));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

void echo_on(recorded_stream& stream) {
  stream.then = [&stream](std::string_view word) {
    if (word == "received")
      stream.socket->send(text(std::exchange(stream.received, {})));
  };
  stream.socket->start_receiving();
}

/// Everybody gets an echo at the same time; true if no turn on the way to it entered the kernel
/// more than once. (Linux 6.13 and later let only so many receives complete in one call, and so a
/// turn.)
bool echoes_with_one_entry_a_turn(std::size_t count) {
  allow_descriptors(2 * count + 100);
  auto loop = make_uring();
  auto ends = hold(*loop, count);
  for (auto& each : ends)
    echo_on(each.stream);
  loop->poll(loop->now());
  for (auto& each : ends)
    each.write("hello");
  auto is_served = [](auto& each) { return each.stream.sent == 5; };
  std::uint64_t turns = 0;
  const auto before = entries(*loop);
  while (!std::all_of(ends.begin(), ends.end(), is_served) && turns++ < count)
    loop->poll(loop->now());
  const auto after = entries(*loop);
  CHECK(std::all_of(ends.begin(), ends.end(), [](auto& each) { return each.read() == "hello"; }));
  CHECK(after > before);
  return after - before <= turns;
}

} // namespace

TEST_CASE("io_uring: one system call sends on a hundred connections, or a thousand", "[uring]") {
  const auto count = GENERATE(std::size_t{100}, std::size_t{1000});
  allow_descriptors(2 * count + 100);
  auto loop = make_uring();
  auto ends = hold(*loop, count);
  const auto before = entries(*loop);
  for (auto& each : ends) {
    each.stream.socket->send(text("hello, "));
    each.stream.socket->send(text("world"));
  }
  loop->flush();
  loop->poll(std::nullopt);
  CHECK(entries(*loop) - before == 1);
  CHECK(std::all_of(ends.begin(), ends.end(), [](auto& each) {
    return each.stream.sent == 12 && each.read() == "hello, world";
  }));
}

TEST_CASE("io_uring: a turn with nothing to do does not enter the kernel", "[uring]") {
  auto loop = make_uring();
  auto ends = hold(*loop, 10);
  loop->poll(loop->now());
  const auto before = entries(*loop);
  for (int i = 0; i < 100; ++i)
    loop->poll(loop->now());
  CHECK(entries(*loop) == before);
}

TEST_CASE("io_uring: a turn is one system call, from a hundred connections to a thousand",
          "[uring]") {
  for (std::size_t count : {std::size_t{100}, std::size_t{1000}})
    CHECK(echoes_with_one_entry_a_turn(count));
}

// Each of them finds a buffer. The next would find none: a receive begun and ended for nothing.
TEST_CASE("io_uring: as many receive again in a turn as there are buffers, however often it is "
          "flushed",
          "[uring]") {
  constexpr std::size_t count = 20;
  const unsigned buffers = GENERATE(1u, 4u);
  auto loop = make_uring({.buffers = buffers, .buffer_bytes = 1000});
  auto ends = hold(*loop, count);
  for (auto& each : ends) {
    each.write(std::string(1000, 'x'));
    each.stream.socket->start_receiving();
  }
  loop->poll(loop->now());
  for (auto left = count - buffers; left > 0; left -= buffers) {
    INFO(left << " are left");
    REQUIRE(starved(*loop) == left);
    loop->flush();
    CHECK(starved(*loop) == left - buffers);
    loop->flush();
    CHECK(starved(*loop) == left - buffers);
    loop->poll(loop->now());
  }
  CHECK(starved(*loop) == 0);
  CHECK(std::all_of(ends.begin(), ends.end(),
                    [](const auto& each) { return each.stream.received.size() == 1000; }));
}
