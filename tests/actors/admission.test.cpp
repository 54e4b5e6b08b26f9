// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include "admission_gate.hpp"

#include <actornet/net/endpoint.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <thread>
#include <vector>

// What listeners on several loops share, from several threads at once: never more than a limit, and
// nothing left over.

using namespace std::chrono_literals;
namespace an = actornet;
using an::admission;
using an::admission_gate;
using an::net::endpoint;

namespace {

using slot_ptr = admission_gate::slot_ptr;

std::shared_ptr<admission> shared_by(const an::connection_limits& limits,
                                     an::over_limit policy = an::over_limit::drop) {
  return std::make_shared<admission>(an::broker_options{.limits = limits, .policy = policy},
                                     admission::tracking::addresses_too);
}

std::shared_ptr<admission_gate> gate_of(
    const std::shared_ptr<admission>& what, std::function<void()> room = [] {}) {
  return admission_gate::make(what, std::nullopt, {}, std::move(room));
}

endpoint client(unsigned number) {
  return endpoint::ipv4({10, 0, static_cast<std::uint8_t>(number / 256 % 256),
                         static_cast<std::uint8_t>(number % 256)},
                        1000);
}

const an::net::instant now = an::net::instant() + 1h;

slot_ptr admitted(admission_gate& gate, const endpoint& who, an::net::instant when = now) {
  auto answer = gate.admit(who, when);
  auto* slot = std::get_if<slot_ptr>(&answer);
  return slot == nullptr ? nullptr : std::move(*slot);
}

constexpr int threads = 4;
constexpr unsigned rounds = 20'000;

template <class Work> void on_threads(Work work) {
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back([work, i] { work(static_cast<unsigned>(i)); });
  for (auto& each : all)
    each.join();
}

void raise(std::atomic<std::int64_t>& most, std::int64_t seen) {
  auto before = most.load();
  while (before < seen && !most.compare_exchange_weak(before, seen)) {
  }
}

} // namespace

TEST_CASE("four threads never hold more places than there are, and give back all") {
  auto shared = shared_by({.total = 10, .per_listener = 6, .per_address = 3});
  std::atomic<std::int64_t> held{0};
  std::atomic<std::int64_t> most{0};
  std::atomic<std::uint64_t> served{0};
  on_threads([&](unsigned number) {
    auto gate = gate_of(shared);
    std::deque<slot_ptr> mine;
    for (unsigned i = 0; i < rounds; ++i) {
      if (auto slot = admitted(*gate, client(i % 7 + number))) {
        raise(most, held.fetch_add(1) + 1);
        ++served;
        mine.push_back(std::move(slot));
      }
      if (mine.size() > i % 5) {
        held.fetch_sub(1);
        mine.pop_front();
      }
    }
    held.fetch_sub(static_cast<std::int64_t>(mine.size()));
    mine.clear();
  });
  CHECK(most <= 10);
  CHECK(shared->connections() == 0);
  CHECK(shared->addresses() == 0);
  CHECK(shared->accepted() == served);
  CHECK(shared->accepted() + shared->refused().sum() == threads * rounds);
}

TEST_CASE("nobody is refused while there is room, whoever is refused for his address meanwhile") {
  // Two places for the good, of which each of two threads needs one at a time; the others are
  // refused for their address all the time, and must not stand in the way.
  auto shared = shared_by({.total = 3, .per_address = 1});
  auto door = gate_of(shared);
  auto blocker = admitted(*door, client(1));
  REQUIRE(blocker);
  std::atomic<std::uint64_t> good_refused{0};
  on_threads([&](unsigned number) {
    auto gate = gate_of(shared);
    for (unsigned i = 0; i < rounds; ++i)
      if (auto slot = admitted(*gate, client(number < 2 ? 100 + number : 1)); !slot && number < 2)
        ++good_refused;
  });
  CHECK(good_refused == 0);
  CHECK(shared->refused().max_per_address == 2 * rounds);
  CHECK(shared->refused().max_connections == 0);
}

TEST_CASE("whoever waits for a place is called when one is left, on whatever thread that is") {
  auto shared = shared_by({.total = 1}, an::over_limit::wait);
  std::atomic<std::uint64_t> done{0};
  on_threads([&](unsigned number) {
    std::atomic<bool> called{false};
    auto gate = gate_of(shared, [&] {
      called = true;
      called.notify_one();
    });
    for (unsigned i = 0; i < rounds / 10; ++i) {
      while (!gate->hold_place(now)) {
        called.wait(false); // for ever, if a call was missed: the test's time limit ends it
        called = false;
      }
      auto slot = admitted(*gate, client(number));
      if (slot)
        ++done;
    }
    gate->stop_waiting();
  });
  CHECK(done == threads * (rounds / 10));
  CHECK(shared->connections() == 0);
  CHECK(shared->refused().sum() == 0);
}

TEST_CASE("a place that is held and not used is given back") {
  auto shared = shared_by({.total = 1, .accepts_per_second = 1}, an::over_limit::wait);
  auto first = gate_of(shared);
  auto second = gate_of(shared);
  CHECK(first->hold_place(now));
  CHECK(first->hold_place(now));
  CHECK(shared->connections() == 1);
  CHECK_FALSE(second->hold_place(now));
  first->let_go_of_place();
  first->let_go_of_place();
  CHECK(shared->connections() == 0);
  CHECK(second->hold_place(now)); // the token was given back, too
  CHECK(admitted(*second, client(1)));
}

TEST_CASE("tokens flow in with time, and no more are kept than the burst") {
  an::accept_rate rate;
  CHECK(rate.take(now));
  rate.set(100, 5);
  for (int i = 0; i < 5; ++i)
    CHECK(rate.take(now));
  CHECK_FALSE(rate.take(now));
  CHECK(rate.next() == now + 10ms);
  CHECK_FALSE(rate.take(now + 9ms));
  CHECK(rate.take(now + 10ms));
  int taken = 0;
  while (rate.take(now + 1h))
    ++taken;
  CHECK(taken == 5);
  rate.set(0, 0);
  CHECK_FALSE(rate.take(now + 2h));
  CHECK(rate.next() == std::nullopt);
  rate.set(-1, 0);
  for (int i = 0; i < 1000; ++i)
    CHECK(rate.take(now + 2h));
}

TEST_CASE("a rate holds within one in a hundred over five seconds, however fast clients come") {
  an::accept_rate rate;
  rate.set(1000, 0);
  int taken = 0;
  for (auto time = now; time < now + 5s; time += 100us)
    taken += rate.take(time) ? 1 : 0;
  CHECK(taken >= 4950);
  CHECK(taken <= 5050);
}
