// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include "admission_gate.hpp"
#include "limit_watch.hpp"

#include <actornet/net/endpoint.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <thread>
#include <utility>
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
  std::atomic<std::int64_t> most_of_gate{0};
  std::array<std::atomic<std::int64_t>, 7 + threads> held_of_address{};
  std::atomic<std::int64_t> most_of_address{0};
  std::atomic<std::uint64_t> served{0};
  on_threads([&](unsigned number) {
    auto gate = gate_of(shared);
    std::deque<std::pair<unsigned, slot_ptr>> mine;
    auto lets_go = [&] {
      held.fetch_sub(1);
      held_of_address.at(mine.front().first).fetch_sub(1);
      mine.pop_front();
    };
    for (unsigned i = 0; i < rounds; ++i) {
      const auto who = i % 7 + number;
      if (auto slot = admitted(*gate, client(who))) {
        raise(most, held.fetch_add(1) + 1);
        raise(most_of_address, held_of_address.at(who).fetch_add(1) + 1);
        ++served;
        mine.emplace_back(who, std::move(slot));
        raise(most_of_gate, static_cast<std::int64_t>(mine.size()));
      }
      if (mine.size() > i % 9) // often more than it may hold
        lets_go();
    }
    while (!mine.empty())
      lets_go();
  });
  CHECK(most <= 10);
  CHECK(most_of_gate == 6);
  CHECK(most_of_address <= 3);
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

TEST_CASE("whoever waits is called when limits or the policy change at that very moment") {
  auto shared = shared_by({}, an::over_limit::wait);
  std::atomic<bool> called{false};
  auto gate = gate_of(shared, [&] {
    called = true;
    called.notify_one();
  });
  std::atomic<unsigned> round{0};
  std::thread changes([&] {
    for (unsigned i = 1; i <= rounds; ++i) {
      round.wait(i - 1);
      if (i % 3 == 0)
        shared->set_policy(an::over_limit::drop, {});
      else
        shared->set_limits({});
    }
  });
  for (unsigned i = 1; i <= rounds; ++i) {
    shared->set_policy(an::over_limit::wait, {});
    shared->set_limits(i % 2 == 0 ? an::connection_limits{.accepts_per_second = 0}
                                  : an::connection_limits{.total = 0});
    round = i;
    round.notify_one();
    while (gate->has_to_wait(now)) {
      called.wait(false); // for ever, if a call was missed: the test's time limit ends it
      called = false;
    }
    gate->let_go_of_place();
  }
  changes.join();
  CHECK(shared->connections() == 0);
}

TEST_CASE("a limit that is left and reached again while somebody looks is told as reached") {
  auto shared = shared_by({.total = 1, .per_listener = 1});
  shared->on_limit([] {});
  auto gate = gate_of(shared);
  an::limit_watch watch(shared);
  std::map<an::limit_scope, bool> is_reached;
  auto hear = [&](const std::vector<an::limit_watch::change>& told) {
    for (const auto& each : told)
      is_reached[each.scope] = each.reached;
  };
  auto slot = admitted(*gate, client(1));
  hear(watch.look_for_reached());
  std::atomic<unsigned> arrived{0};
  auto meet = [&, all = 0u]() mutable { // at the same moment, as near as can be
    ++arrived;
    all += 2;
    while (arrived < all)
      std::this_thread::yield();
  };
  std::thread comes_and_goes([&, meet]() mutable {
    for (unsigned i = 0; i < rounds; ++i) {
      meet();
      slot.reset();
      slot = admitted(*gate, client(1));
      meet();
    }
  });
  unsigned missed = 0;
  for (unsigned i = 0; i < rounds; ++i) {
    meet();
    hear(watch.look_for_cleared(now));
    meet();
    hear(watch.look_for_reached());
    missed += is_reached[an::limit_scope::total] && is_reached[an::limit_scope::listener] ? 0 : 1;
  }
  comes_and_goes.join();
  CHECK(missed == 0);
}

TEST_CASE("who changes another limit does not fill the bucket of the rate") {
  auto shared = shared_by({.accepts_per_second = 10, .accepts_burst = 2});
  auto gate = gate_of(shared);
  auto first = admitted(*gate, client(1));
  auto second = admitted(*gate, client(2));
  shared->set_limits({.total = 100, .accepts_per_second = 10, .accepts_burst = 2});
  CHECK_FALSE(admitted(*gate, client(3)));
  shared->set_limits({.accepts_per_second = 20, .accepts_burst = 2}); // another rate begins anew
  CHECK(admitted(*gate, client(3)));
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
