// SPDX-License-Identifier: BSD-3-Clause

// What is special about io_uring; the rest is in the tests of every backend.

#include "support/kernel_version.hpp"
#include "support/uring_loop.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <deque>
#include <iterator>
#include <thread>

using namespace actornet::net;
using namespace actornet::test;

namespace {

/// Until every end has received so much; false: it does not come.
bool receive_all(io_backend& loop, const std::deque<held_end>& ends, std::size_t bytes) {
  for (int turns = 0; turns < 100'000; ++turns) {
    loop.poll(loop.now());
    if (std::all_of(ends.begin(), ends.end(),
                    [&](const auto& each) { return each.stream.received.size() == bytes; }))
      return true;
  }
  return false;
}

/// Everybody gets the pattern before anybody reads, through whatever runs out.
void check_that_all_arrives(const uring_options& chosen, std::size_t count, std::size_t bytes) {
  auto loop = make_uring(chosen);
  auto ends = hold(*loop, count);
  const auto sent = pattern(bytes);
  for (auto& each : ends) {
    each.write(sent);
    each.stream.keeps_chunks = true;
    each.stream.socket->start_receiving();
  }
  REQUIRE(receive_all(*loop, ends, bytes));
  for (const auto& each : ends) {
    std::string kept;
    for (const auto& part : each.stream.chunks)
      kept += part.view();
    CHECK(each.stream.received == sent);
    CHECK(kept == sent); // what came later has not overwritten it
  }
}

/// Runs `then` in a process where the calls that receive, one socket at a time, kill it; its
/// status.
template <class F> int without_calls_per_socket(F then) {
  std::fflush(stdout); // an instrumented `_exit` would write what is left
  const auto child = ::fork();
  if (child == 0) {
    constexpr std::array forbidden{SYS_read,     SYS_write,   SYS_readv,     SYS_writev,
                                   SYS_recvfrom, SYS_recvmsg, SYS_epoll_wait};
    then([&] {
      std::vector<sock_filter> program{
          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
      for (auto each : forbidden) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(each), 0, 1));
        program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
      }
      program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
      sock_fprog given{static_cast<unsigned short>(program.size()), program.data()};
      if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
          ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &given) != 0)
        ::_exit(3);
    });
    ::_exit(2); // `then` says how it went
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

TEST_CASE("io_uring: an echo needs no system call to receive", "[uring]") {
  const int status = without_calls_per_socket([](const auto& forbid) {
    auto made = make_uring_backend(std::make_shared<resolver>(), {});
    if (!made)
      ::_exit(1);
    auto& loop = **made;
    auto ends = hold(loop, 1);
    auto& echo = ends.front().stream;
    recorded_stream client;
    auto adopted = loop.adopt_stream(std::exchange(ends.front().number, -1));
    if (!adopted)
      ::_exit(1);
    serve(loop, std::move(adopted->socket), client);
    echo.then = [&](std::string_view word) {
      if (word == "received")
        echo.socket->send(text(std::exchange(echo.received, {})));
    };
    echo.socket->start_receiving();
    client.socket->start_receiving();
    forbid();
    for (int i = 0; i < 100; ++i) {
      client.socket->send(text("x"));
      while (client.received.size() <= static_cast<std::size_t>(i))
        loop.poll(std::nullopt);
    }
    ::_exit(0);
  });
  CHECK(status == 0);
}

TEST_CASE("io_uring: more bytes than buffers", "[uring]") {
  const bool incremental = GENERATE(true, false);
  check_that_all_arrives({.buffers = 1, .buffer_bytes = 1000, .incremental = incremental}, 20,
                         30'000);
}

TEST_CASE("io_uring: more completions than their queue holds", "[uring]") {
  const bool deferred = GENERATE(true, false);
  check_that_all_arrives({.submissions = 1, .completions = 2, .deferred = deferred}, 60, 5000);
}

TEST_CASE("io_uring: bytes that share a buffer stay as they came", "[uring]") {
  const bool incremental = GENERATE(true, false);
  check_that_all_arrives(
      {.buffers = 2, .buffer_bytes = 300, .share_from_bytes = 1, .incremental = incremental}, 5,
      20'000);
}

TEST_CASE("io_uring: few bytes are copied out, many keep their buffer", "[uring]") {
  auto loop = make_uring();
  auto ends = hold(*loop, 1);
  auto& end = ends.front();
  end.stream.keeps_chunks = true;
  end.stream.socket->start_receiving();
  end.write(pattern(100));
  REQUIRE(receive_all(*loop, ends, 100));
  CHECK(end.stream.chunks.back().pinned_bytes() < 300);
  end.write(pattern(40'000));
  REQUIRE(receive_all(*loop, ends, 40'100));
  CHECK(end.stream.chunks.back().size() == 40'000);
  CHECK(end.stream.chunks.back().pinned_bytes() >= 40'000);
}

TEST_CASE("io_uring: received bytes count in the window until the last of them is gone",
          "[uring]") {
  auto loop = make_uring();
  auto ends = hold(*loop, 1);
  auto& stream = ends.front().stream;
  auto window = make_receive_window(1'000'000, {});
  stream.socket->set_receive_window(window);
  stream.keeps_chunks = true;
  stream.socket->start_receiving();
  ends.front().write(pattern(100));
  REQUIRE(receive_all(*loop, ends, 100));
  ends.front().write(pattern(40'000));
  REQUIRE(receive_all(*loop, ends, 40'100));
  CHECK(window->bytes_held() >= 40'100);
  CHECK(window->bytes_held() < 42'000);
  stream.chunks.clear();
  CHECK(window->bytes_held() == 0);
}

TEST_CASE("io_uring: a receive ends when it has filled the window, and not the ring", "[uring]") {
  if (!kernel_is_at_least(6, 17)) {
    SUCCEED("this kernel cannot bound a receive");
    return;
  }
  auto loop = make_uring();
  auto ends = hold(*loop, 1);
  auto& stream = ends.front().stream;
  constexpr std::size_t size = 40'000;
  auto window = make_receive_window(size, {});
  stream.socket->set_receive_window(window);
  stream.keeps_chunks = true;
  ends.front().write(pattern(150'000));
  stream.then = [&](auto) { // as a connection does
    if (!window->has_room_or_wait())
      stream.socket->stop_receiving();
  };
  stream.socket->start_receiving();
  for (int turns = 0; turns < 100; ++turns)
    loop->poll(loop->now());
  CHECK(stream.received.size() >= size);
  CHECK(stream.received.size() < size + 64 * 1024); // the buffer that filled it
  stream.then = nullptr;
  stream.chunks.clear();
  stream.socket->start_receiving();
  REQUIRE(receive_all(*loop, ends, 150'000));
  CHECK(stream.received == pattern(150'000));
}

TEST_CASE("io_uring: a kernel that cannot bound a receive is asked for one without", "[uring]") {
  auto loop = make_uring({.bound_is_refused = true});
  auto ends = hold(*loop, 3);
  auto window = make_receive_window(1'000'000, {});
  for (auto& each : ends) {
    each.stream.socket->set_receive_window(window);
    each.stream.socket->start_receiving();
    each.write(pattern(40'000));
  }
  REQUIRE(receive_all(*loop, ends, 40'000));
  for (auto& each : ends)
    CHECK_FALSE(each.stream.receive_failure);
}

TEST_CASE("io_uring: few bytes that keep a buffer count a quarter of it", "[uring]") {
  auto loop = make_uring(
      {.buffers = 4, .buffer_bytes = 64 * 1024, .share_from_bytes = 1000, .incremental = true});
  auto ends = hold(*loop, 1);
  auto& stream = ends.front().stream;
  auto window = make_receive_window(1'000'000, {});
  stream.socket->set_receive_window(window);
  stream.keeps_chunks = true;
  stream.socket->start_receiving();
  for (std::size_t i = 1; i <= 3; ++i) {
    ends.front().write(pattern(1000));
    REQUIRE(receive_all(*loop, ends, i * 1000));
    CHECK(window->bytes_held() >= i * 16 * 1024);
  }
  stream.chunks.clear();
  CHECK(window->bytes_held() == 0);
}

TEST_CASE("io_uring: made on one thread, used on another, destroyed on a third", "[uring]") {
  auto loop = make_uring();
  std::thread user([&] {
    auto ends = hold(*loop, 3);
    for (auto& each : ends) {
      each.stream.socket->start_receiving();
      each.write("hello");
    }
    CHECK(receive_all(*loop, ends, 5));
  }); // the streams close with receives under way
  user.join();
  std::thread([&] { loop.reset(); }).join();
  SUCCEED();
}

TEST_CASE("io_uring: destroyed on a thread that has a loop of its own, which goes on", "[uring]") {
  auto loop = make_uring();
  std::thread([&] {
    auto ends = hold(*loop, 3);
    for (auto& each : ends)
      each.stream.socket->start_receiving();
    loop->poll(loop->now());
  }).join(); // the streams close with receives under way
  std::thread([&] {
    auto own = make_uring();
    auto ends = hold(*own, 3);
    for (auto& each : ends)
      each.stream.socket->start_receiving();
    own->poll(own->now());
    loop.reset();
    for (auto& each : ends)
      each.write("hello");
    CHECK(receive_all(*own, ends, 5));
  }).join();
}

TEST_CASE("io_uring: a closed connection is closed for its peer before the next turn", "[uring]") {
  auto loop = make_uring();
  auto ends = hold(*loop, 1);
  auto& end = ends.front();
  end.stream.socket->start_receiving();
  loop->poll(loop->now());
  end.stream.socket.reset();
  CHECK(end.is_at_end());
}
