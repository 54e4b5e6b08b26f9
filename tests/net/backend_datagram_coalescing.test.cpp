// SPDX-License-Identifier: BSD-3-Clause
// When a socket looks for datagrams by the clock, instead of being told of each.
#include "datagram_pace.hpp"

#include "support/coarse_waits.hpp"
#include "support/recorded_datagrams.hpp"

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

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

TEST_CASE("who sends is told of the next datagrams as they come", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.send(a_while);
  flow.receiver.socket->send(text("hello"), flow.sender.local(), 0);
  REQUIRE(flow.all_come());
  const auto before = flow.receiver.batches;
  flow.send(datagram_pace::looks_min / 2); // too few for it to begin again
  CHECK(flow.receiver.received.size() == flow.sent);
  CHECK(flow.receiver.batches == before + datagram_pace::looks_min / 2);
  flow.check_order();
}

TEST_CASE("after a lull a datagram is told as it comes", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, 10ms);
  flow.send(a_while);
  REQUIRE(flow.all_come());
  world.settle(); // for 20 ms: a look finds nothing
  flow.send(1);
  CHECK(flow.receiver.received.size() == flow.sent);
}

TEST_CASE("a socket that looks by itself can stop receiving, and start", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle flow(world, long_time);
  flow.send(a_while);
  flow.receiver.socket->stop_receiving();
  const auto before = flow.receiver.batches;
  flow.send(5);
  world.settle();
  CHECK(flow.receiver.batches == before);
  flow.receiver.socket->start_receiving();
  REQUIRE(flow.all_come());
  flow.check_order();
  flow.send(a_while);
  REQUIRE(flow.all_come());
  flow.check_order();
}

TEST_CASE("a socket that looks by itself can be closed by whoever is told", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle first(world, long_time), second(world, long_time);
  first.send(a_while);
  second.send(a_while);
  std::size_t told = 0;
  for (auto* each : {&first.receiver, &second.receiver})
    each->then = [&](std::string_view) {
      ++told;
      first.receiver.socket.reset();
      second.receiver.socket.reset();
    };
  for (auto* each : {&first, &second})
    each->sender.socket->send(text("x"), each->receiver.local(), 0);
  REQUIRE(world.run_until([&] { return told > 0; }));
  world.settle();
  CHECK(told == 1);
}

TEST_CASE("who looks by itself holds up nobody else on its loop", "[backend]") {
  ON_EVERY_KERNEL_BACKEND(world);
  trickle close(world, long_time), other(world, 0s);
  close.send(a_while);
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
  auto names = std::make_shared<resolver>();
  auto loop = std::move(make_epoll_backend(names).value());
  recorded_datagrams sender, receiver;
  open_datagrams(*loop, sender);
  open_datagrams(*loop, receiver);
  receiver.socket->set_coalescing(long_time);
  for (std::size_t i = 0; i < a_while; ++i) {
    sender.socket->send(text("x"), receiver.local(), i);
    loop->poll(loop->now());
    loop->poll(loop->now());
    CHECK(receiver.batches == i + 1);
  }
  const auto before = loop->now();
  loop->poll(before + 1500us);
  CHECK(loop->now() - before >= 1500us); // it can wait, if longer than it is to
}
