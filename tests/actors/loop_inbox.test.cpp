// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/counting_backend.hpp"

#include "loop_inbox.hpp"

#include <thread>
#include <vector>

namespace an = actornet;
using an::test::counting_backend;

namespace {

struct inbox_of_a_loop {
  an::net::simulated_network network;
  counting_backend backend{network.make_backend()};
  an::loop_inbox inbox{backend};

  void burst(int size) {
    for (int i = 0; i < size; ++i)
      inbox.put(an::task([] {}));
  }
  std::size_t taken() {
    std::vector<an::work> into;
    inbox.take(into);
    return into.size();
  }
};

} // namespace

TEST_CASE("a burst of messages wakes a waiting loop once") {
  inbox_of_a_loop loop;
  REQUIRE(loop.inbox.begin_wait());
  loop.burst(1000);
  CHECK(loop.backend.wakes == 1);
  CHECK(loop.taken() == 1000);
}

TEST_CASE("a loop that is awake is not woken") {
  inbox_of_a_loop loop;
  loop.burst(1000);
  CHECK(loop.backend.wakes == 0);
  CHECK_FALSE(loop.inbox.begin_wait()); // there is something to do
  loop.burst(1000);
  CHECK(loop.backend.wakes == 0);
  CHECK(loop.taken() == 2000);
}

TEST_CASE("bursts of many threads wake a loop once for each time that it waits") {
  inbox_of_a_loop loop;
  for (int waits = 1; waits <= 100; ++waits) {
    REQUIRE(loop.inbox.begin_wait());
    std::vector<std::thread> senders;
    for (int i = 0; i < 4; ++i)
      senders.emplace_back([&] { loop.burst(50); });
    for (auto& each : senders)
      each.join();
    CHECK(loop.backend.wakes == waits);
    CHECK(loop.taken() == 200);
  }
}

TEST_CASE("a loop that was told something is not woken, and does not wait before it has looked") {
  inbox_of_a_loop loop;
  REQUIRE(loop.inbox.begin_wait());
  loop.inbox.end_wait();
  loop.burst(1000);
  CHECK(loop.backend.wakes == 0);
  CHECK_FALSE(loop.inbox.begin_wait());
  CHECK(loop.taken() == 1000);
}
