// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <chrono>
#include <thread>

using namespace actornet::net;
using namespace actornet::test;
using namespace std::chrono_literals;

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
