// SPDX-License-Identifier: BSD-3-Clause

// What a loop does when the kernel does not take its operations: it must not wait before they are
// handed over, because what would end the wait may be among them.

#include "support/refused_submits.hpp"
#include "support/uring_loop.hpp"

#include <sys/syscall.h>

#include <chrono>
#include <filesystem>

using namespace actornet::net;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

/// The only ring that this process has.
int ring_number() {
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (std::filesystem::read_symlink(each.path(), ignored) == "anon_inode:[io_uring]")
      return std::stoi(each.path().filename());
  }
  return -1;
}

/// Ends the operation with this tag, as the kernel does when it cannot tell of it.
void end_operation(std::uint64_t tag) {
  io_uring_sync_cancel_reg wanted{};
  wanted.addr = tag;
  wanted.fd = -1;
  wanted.timeout = {-1, -1};
  REQUIRE(::syscall(SYS_io_uring_register, ring_number(), IORING_REGISTER_SYNC_CANCEL, &wanted,
                    1) == 0);
}

constexpr std::uint64_t bell_tag = 1;
/// It waits for so long: nothing ends the wait before.
bool waits(io_backend& loop, duration time) {
  auto before = loop.now();
  loop.poll(before + time);
  return loop.now() - before >= time;
}

// No slow machine makes as much of no wait.
constexpr auto long_time = 5s;

} // namespace

TEST_CASE("io_uring: a loop that cannot listen to its bell does not wait", "[uring]") {
  auto loop = make_uring({.submissions = 1});
  auto ends = hold(*loop, 1);
  auto& stream = ends.front().stream;
  stream.socket->start_receiving();
  loop->poll(loop->now());
  loop->poll(loop->now());
  end_operation(bell_tag);
  loop->poll(loop->now()); // the loop learns that the bell is silent

  refuse_submits(3);
  stream.socket.reset(); // the cancellations are refused, and then in the way of the bell
  CHECK_FALSE(waits(*loop, long_time));
  CHECK(refusals_left() == 0);
  loop->wake();
  CHECK_FALSE(waits(*loop, long_time));
  CHECK(waits(*loop, 20ms)); // all is well again
}

TEST_CASE("io_uring: a loop that cannot cancel does not wait", "[uring]") {
  auto loop = make_uring({.submissions = 1});
  auto ends = hold(*loop, 2);
  auto& stopped = ends[0];
  auto& started = ends[1].stream;
  stopped.stream.socket->start_receiving();
  loop->poll(loop->now());
  loop->poll(loop->now());

  stopped.stream.socket->stop_receiving();
  started.socket->start_receiving();
  refuse_submits(1);
  CHECK_FALSE(waits(*loop, long_time));
  CHECK(refusals_left() == 0);
  loop->poll(loop->now());
  loop->poll(loop->now());
  stopped.write("for nobody");
  loop->poll(loop->now());
  CHECK(stopped.stream.received.empty());
}

TEST_CASE("io_uring: a socket is closed as soon as what names it was handed over", "[uring]") {
  auto loop = make_uring();
  auto ends = hold(*loop, 2);
  refuse_submits(1);
  ends[1].stream.socket->start_receiving();
  loop->flush();
  ends[0].stream.socket.reset();
  CHECK(refusals_left() == 0);
  CHECK_FALSE(ends[0].is_at_end());
  loop->poll(loop->now());
  CHECK(ends[0].is_at_end());
}
