// SPDX-License-Identifier: BSD-3-Clause
// When a socket looks for datagrams by the clock, instead of being told of each.
#include "datagram_pace.hpp"

#include "support/coarse_waits.hpp"
#include "support/recorded_datagrams.hpp"

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

using namespace actornet::net;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

// So long that a machine that stumbles does not look as if datagrams came seldom.
constexpr auto long_time = 1s;
// Enough for a socket to begin to look by itself.
constexpr std::size_t a_while = 100;
// As many as a receive buffer of the usual size holds, should a socket look seldom.
constexpr std::size_t many = 200;

/// One sends datagrams singly, and the other's loop turns after each.
class trickle {
public:
  explicit trickle(backend_world& world, duration longest, const datagram_settings& settings = {})
      : world_(world) {
    open_datagrams(world.backend(), sender);
    open_datagrams(world.second_backend(), receiver,
                   {.bind_to = endpoint::loopback_ipv4(0), .settings = settings});
    receiver.socket->set_coalescing(longest);
  }
  void send(std::size_t count, std::size_t bytes = 8) {
    for (std::size_t i = 0; i < count; ++i) {
      auto number = std::to_string(sent++);
      number.resize(bytes, ' ');
      sender.socket->send(chunk::copy_of(number), receiver.local(), 0);
      world_.turn(); // it leaves
      world_.turn(); // and comes
    }
  }
  /// At least one waits to be told together with others now. A machine that stumbles makes gaps,
  /// and each begins the count of close looks anew.
  void begin_to_look() {
    for (std::size_t i = 0; i < 50 * many && !is_waiting(); ++i)
      send(1);
    REQUIRE(is_waiting());
  }
  bool is_waiting() const { return receiver.received.size() < sent; }
  bool all_come() {
    return world_.run_until([&] { return receiver.received.size() == sent; });
  }
  void check_order() const {
    for (std::size_t i = 0; i < receiver.received.size(); ++i)
      CHECK(std::stoul(std::string(receiver.received[i].bytes.view())) == i);
  }

  recorded_datagrams sender, receiver;
  std::size_t sent = 0;

private:
  backend_world& world_;
};

} // namespace

TEST_CASE("where datagrams follow closely, several are told at once", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.send(many);
  REQUIRE(flow.all_come());
  flow.check_order();
  CHECK(flow.receiver.batches < many / 2);
}

TEST_CASE("datagrams that are not to wait are told as they come", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, 0s);
  flow.send(a_while);
  REQUIRE(flow.all_come());
  flow.check_order();
  CHECK(flow.receiver.batches == flow.sent);
}

TEST_CASE("where answers are sent, datagrams are told as they come", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.receiver.then = [&](std::string_view word) {
    if (word == "datagrams")
      flow.receiver.socket->send(text("yes"), flow.sender.local(), 0);
  };
  flow.send(many);
  REQUIRE(flow.all_come());
  CHECK(flow.receiver.batches == flow.sent);
}

TEST_CASE("who sends is told of what came and of what comes next at once", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.begin_to_look();
  flow.receiver.socket->send(text("hello"), flow.sender.local(), 0);
  world.turn();
  world.turn();
  CHECK(flow.receiver.received.size() == flow.sent);
  const auto before = flow.receiver.batches;
  flow.send(datagram_pace::looks_min / 2); // too few for it to begin again
  CHECK(flow.receiver.received.size() == flow.sent);
  CHECK(flow.receiver.batches == before + datagram_pace::looks_min / 2);
  flow.check_order();
}

TEST_CASE("after a lull a datagram is told as it comes", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.begin_to_look();
  REQUIRE(flow.all_come());
  // A look finds nothing, at last.
  const auto begin = world.second_backend().now();
  REQUIRE(world.run_until([&] { return world.second_backend().now() - begin > long_time; }));
  flow.send(1);
  CHECK(flow.receiver.received.size() == flow.sent);
}

TEST_CASE("a socket that looks by itself can stop receiving, and start", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.begin_to_look();
  flow.receiver.socket->stop_receiving();
  const auto before = flow.receiver.batches;
  flow.send(5);
  world.settle();
  CHECK(flow.receiver.batches == before);
  flow.receiver.socket->start_receiving();
  REQUIRE(flow.all_come());
  flow.check_order();
  flow.begin_to_look();
  REQUIRE(flow.all_come());
  flow.check_order();
}

TEST_CASE("a socket that looks by itself can be connected and disconnected", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.begin_to_look();
  REQUIRE(flow.receiver.socket->connect(flow.sender.local()));
  flow.begin_to_look();
  REQUIRE(flow.receiver.socket->disconnect());
  flow.send(1);
  REQUIRE(flow.all_come());
  flow.check_order();
}

TEST_CASE("an error comes to a socket that looks by itself", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  const int number = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  REQUIRE(number >= 0);
  const int twin = ::dup(number); // what is sent by it, the loop does not see
  REQUIRE(twin >= 0);
  auto adopted = world.second_backend().adopt_datagram(number, {});
  REQUIRE(adopted);
  flow.receiver.socket =
      std::move(world.second_backend().add_datagram(std::move(*adopted), flow.receiver).value());
  flow.receiver.socket->start_receiving();
  flow.receiver.socket->set_coalescing(long_time);
  REQUIRE(flow.receiver.socket->connect(flow.sender.local()));
  flow.begin_to_look();
  flow.sender.socket.reset();
  CHECK(::send(twin, "x", 1, 0) == 1);
  CHECK(::close(twin) == 0);
  REQUIRE(world.run_until([&] { return !flow.receiver.errors.empty(); }));
  CHECK(flow.receiver.errors.front().number == ECONNREFUSED);
  REQUIRE(flow.all_come());
  flow.check_order();
}

TEST_CASE("of two that are due at once, one may close both", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle first(world, long_time), second(world, long_time);
  for (std::size_t i = 0; i < many && !(first.is_waiting() && second.is_waiting()); ++i) {
    first.send(1);
    second.send(1);
  }
  REQUIRE(first.is_waiting());
  REQUIRE(second.is_waiting());
  const auto begin = world.second_backend().now();
  std::size_t told = 0;
  for (auto* each : {&first.receiver, &second.receiver})
    each->then = [&](std::string_view) {
      ++told;
      first.receiver.socket.reset();
      second.receiver.socket.reset();
    };
  while (world.backend().now() < begin + long_time) // the other loop looks away
    world.backend().poll(begin + long_time);
  world.turn();
  CHECK(told == 1);
  world.settle();
  CHECK(told == 1);
}

TEST_CASE("who looks by itself holds up nobody else on its loop", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle close(world, long_time), other(world, 0s);
  close.begin_to_look();
  other.send(10);
  CHECK(other.receiver.received.size() == 10);
  CHECK(other.receiver.batches == 10);
  REQUIRE(close.all_come());
}

TEST_CASE("a receive buffer that is small is not left to fill", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time, {.receive_buffer_bytes = 8000}); // the kernel doubles it
  flow.send(a_while, 2000);
  CHECK(flow.receiver.batches == flow.sent);
  CHECK(flow.receiver.socket->kernel_drops() == 0);
  // Nor one that becomes small.
  trickle shrinking(world, long_time);
  CHECK(shrinking.receiver.socket->set({.receive_buffer_bytes = 8000}));
  shrinking.send(a_while, 2000);
  CHECK(shrinking.receiver.batches == shrinking.sent);
}

TEST_CASE("a loop that cannot wait for microseconds is told of each datagram", "[backend]") {
  const coarse_waits of_the_kernel;
  auto loop = std::move(make_epoll_backend(std::make_shared<resolver>()).value());
  recorded_datagrams sender, receiver;
  open_datagrams(*loop, sender);
  open_datagrams(*loop, receiver);
  receiver.socket->set_coalescing(long_time);
  std::size_t sent = 0;
  auto send = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      sender.socket->send(text("x"), receiver.local(), sent++);
      loop->poll(loop->now());
      loop->poll(loop->now());
    }
  };
  while (receiver.received.size() == sent && sent < many)
    send(1);
  REQUIRE(receiver.received.size() < sent); // it has not tried yet
  loop->poll(loop->now() + 1h);
  CHECK(receiver.received.size() == sent);
  const auto before = receiver.batches;
  send(a_while);
  CHECK(receiver.batches == before + a_while);
  const auto begin = loop->now();
  loop->poll(begin + 1500us);
  CHECK(loop->now() - begin >= 1500us); // it can wait, if longer than it is to
}
