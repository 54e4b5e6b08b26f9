// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/timer_queue.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

using namespace actornet::net;

namespace {

instant at(std::int64_t nanoseconds) { return instant(duration(nanoseconds)); }

struct test_timer final : timer {
  test_timer() = default;
  explicit test_timer(std::function<void()> action) : action(std::move(action)) {}

  void on_timer() override { action(); }

  std::function<void()> action = [] {};
};

/// Timers that write their names down when their time comes.
struct named_timers {
  timer& operator[](char name) {
    auto& made = timers[name];
    if (!made)
      made = std::make_unique<test_timer>([this, name] { log += name; });
    return *made;
  }

  std::string log;
  std::map<char, std::unique_ptr<test_timer>> timers;
};

} // namespace

TEST_CASE("timers are called earliest first, whatever the order of arming") {
  timer_queue queue;
  named_timers timers;
  for (const char name : std::string("dbeac"))
    queue.arm(timers[name], at(name));
  REQUIRE(queue.advance(at('z')) == 5);
  REQUIRE(timers.log == "abcde");
}

TEST_CASE("a timer is called at its deadline, not before, once") {
  timer_queue queue;
  named_timers timers;
  queue.arm(timers['a'], at(10));
  REQUIRE(queue.advance(at(9)) == 0);
  REQUIRE(timers['a'].armed());
  REQUIRE(queue.advance(at(10)) == 1);
  REQUIRE_FALSE(timers['a'].armed());
  REQUIRE(queue.advance(at(11)) == 0);
  REQUIRE(timers.log == "a");
}

TEST_CASE("timers of one deadline are called in the order in which they were armed") {
  timer_queue queue;
  named_timers timers;
  for (const char name : std::string("cabed"))
    queue.arm(timers[name], at(10));
  queue.advance(at(10));
  REQUIRE(timers.log == "cabed");
}

TEST_CASE("a timer that is armed again goes behind the others of its deadline") {
  timer_queue queue;
  named_timers timers;
  SECTION("from the same deadline") { queue.arm(timers['a'], at(10)); }
  SECTION("from an earlier one") { queue.arm(timers['a'], at(5)); }
  SECTION("from a later one") { queue.arm(timers['a'], at(20)); }
  queue.arm(timers['b'], at(10));
  queue.arm(timers['a'], at(10));
  queue.arm(timers['c'], at(10));
  queue.advance(at(30));
  REQUIRE(timers.log == "bac");
}

TEST_CASE("a timer that is moved to a later deadline is called then only") {
  timer_queue queue;
  named_timers timers;
  queue.arm(timers['a'], at(10));
  queue.arm(timers['b'], at(20));
  queue.arm(timers['a'], at(30));
  REQUIRE(timers['a'].deadline() == at(30));
  REQUIRE(queue.advance(at(29)) == 1);
  REQUIRE(queue.next() == at(30));
  REQUIRE(queue.advance(at(30)) == 1);
  REQUIRE(timers.log == "ba");
}

TEST_CASE("a timer that is moved to an earlier deadline is called then") {
  timer_queue queue;
  named_timers timers;
  queue.arm(timers['a'], at(10));
  queue.arm(timers['b'], at(20));
  queue.arm(timers['b'], at(5));
  REQUIRE(queue.next() == at(5));
  queue.advance(at(5));
  REQUIRE(timers.log == "b");
}

TEST_CASE("a timer that is moved later and then less late is called at the last deadline") {
  timer_queue queue;
  named_timers timers;
  queue.arm(timers['a'], at(10));
  queue.arm(timers['a'], at(100));
  queue.arm(timers['a'], at(50));
  REQUIRE(queue.advance(at(49)) == 0);
  REQUIRE(queue.advance(at(50)) == 1);
}

TEST_CASE("moving a timer later leaves it filed where it was") {
  timer_queue queue;
  named_timers timers;
  queue.arm(timers['a'], at(10));
  queue.arm(timers['a'], at(1000));
  REQUIRE(queue.next() == at(10));
  queue.advance(at(10));
  REQUIRE(queue.next() == at(1000));
}

TEST_CASE("a queue without timers has nothing to wait for") {
  timer_queue queue;
  named_timers timers;
  REQUIRE_FALSE(queue.next());
  REQUIRE(queue.advance(at(10)) == 0);
  queue.arm(timers['a'], at(20));
  REQUIRE(queue.next() == at(20));
  REQUIRE(queue.size() == 1);
  queue.disarm(timers['a']);
  REQUIRE_FALSE(queue.next());
  REQUIRE(queue.size() == 0);
}

TEST_CASE("a timer that is disarmed is not called, and disarming it again is harmless") {
  timer_queue queue;
  named_timers timers;
  for (const char name : std::string("abcdefgh"))
    queue.arm(timers[name], at(name));
  for (const char name : std::string("haddc"))
    queue.disarm(timers[name]);
  REQUIRE_FALSE(timers['a'].armed());
  REQUIRE(queue.advance(at('z')) == 4);
  REQUIRE(timers.log == "befg");
}

TEST_CASE("a timer disarms itself when it is destroyed") {
  timer_queue queue;
  named_timers timers;
  queue.arm(timers['a'], at(10));
  queue.arm(timers['b'], at(10));
  timers.timers.erase('a');
  REQUIRE(queue.size() == 1);
  REQUIRE(queue.advance(at(10)) == 1);
}

TEST_CASE("a queue that is destroyed disarms its timers") {
  named_timers timers;
  {
    timer_queue queue;
    queue.arm(timers['a'], at(10));
  }
  REQUIRE_FALSE(timers['a'].armed());
}

TEST_CASE("a deadline in the past counts as the latest instant that the queue was told") {
  timer_queue queue;
  named_timers timers;
  queue.advance(at(100));
  queue.arm(timers['a'], at(100));
  queue.arm(timers['b'], at(50));
  REQUIRE(timers['b'].deadline() == at(100));
  REQUIRE(queue.next() == at(100));
  REQUIRE(queue.advance(at(100)) == 2);
  REQUIRE(timers.log == "ab");
}

TEST_CASE("a timer that arms itself for an instant that has come waits for the next call") {
  timer_queue queue;
  test_timer again;
  again.action = [&] { queue.arm(again, at(0)); };
  queue.arm(again, at(10));
  REQUIRE(queue.advance(at(20)) == 1);
  REQUIRE(again.armed());
  REQUIRE(queue.next() <= at(20));
  REQUIRE(queue.advance(at(20)) == 1);
}

TEST_CASE("a timer that is armed from within does not hold up those that were due before") {
  timer_queue queue;
  named_timers timers;
  test_timer first([&] { queue.arm(timers['x'], at(0)); });
  queue.arm(first, at(1));
  queue.arm(timers['a'], at(10));
  queue.arm(timers['b'], at(20));
  REQUIRE(queue.advance(at(20)) == 3);
  REQUIRE(timers.log == "ab");
  queue.advance(at(20));
  REQUIRE(timers.log == "abx");
}

TEST_CASE("a due timer that another one moves to a later deadline is not called yet") {
  timer_queue queue;
  named_timers timers;
  test_timer first([&] { queue.arm(timers['a'], at(30)); });
  queue.arm(first, at(10));
  queue.arm(timers['a'], at(10));
  REQUIRE(queue.advance(at(20)) == 1);
  REQUIRE(queue.advance(at(30)) == 1);
}

TEST_CASE("a due timer that another one disarms or destroys is not called") {
  timer_queue queue;
  named_timers timers;
  test_timer first([&] {
    queue.disarm(timers['a']);
    timers.timers.erase('b');
  });
  queue.arm(first, at(10));
  for (const char name : std::string("abc"))
    queue.arm(timers[name], at(10));
  REQUIRE(queue.advance(at(10)) == 2);
  REQUIRE(timers.log == "c");
}

TEST_CASE("a timer may destroy itself when its time comes") {
  timer_queue queue;
  auto last = std::make_unique<test_timer>();
  last->action = [&] { last.reset(); };
  queue.arm(*last, at(10));
  REQUIRE(queue.advance(at(10)) == 1);
  REQUIRE_FALSE(last);
  REQUIRE(queue.size() == 0);
}

TEST_CASE("an exception in a timer leaves the others armed") {
  timer_queue queue;
  named_timers timers;
  test_timer bad([] { throw std::runtime_error("bad timer"); });
  queue.arm(bad, at(10));
  queue.arm(timers['a'], at(10));
  REQUIRE_THROWS_AS(queue.advance(at(10)), std::runtime_error);
  REQUIRE_FALSE(bad.armed());
  REQUIRE(queue.advance(at(10)) == 1);
  REQUIRE(timers.log == "a");
}

namespace {

/// Does the same random things to a queue and to a sorted map, also from within the timers, and
/// requires that the timers are called in the order of the map.
class random_run {
public:
  explicit random_run(unsigned seed) : random_(seed) {
    for (std::size_t id = 0; id < timers_.size(); ++id)
      renew(id);
    queue_.advance(now_);
  }

  void step() {
    if (below(4) == 0)
      advance();
    else
      change_something();
    check();
  }

private:
  using key = std::pair<instant, std::uint64_t>;

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  void change_something() {
    const auto id = below(timers_.size());
    const auto what = below(10);
    if (what == 0)
      renew(id);
    else if (what < 3)
      disarm(id);
    else
      arm(id);
  }

  void arm(std::size_t id) {
    // A narrow range, partly in the past, gives many ties.
    const auto deadline = now_ + duration(static_cast<std::int64_t>(below(40)) - 5);
    queue_.arm(*timers_[id], deadline);
    forget(id);
    model_.emplace(key(std::max(deadline, now_), ++armings_), id);
  }

  void disarm(std::size_t id) {
    queue_.disarm(*timers_[id]);
    forget(id);
  }

  void renew(std::size_t id) {
    forget(id);
    timers_[id] = std::make_unique<test_timer>();
    timers_[id]->action = [this, id] { called(id); };
  }

  void forget(std::size_t id) {
    std::erase_if(model_, [id](const auto& each) { return each.second == id; });
  }

  void called(std::size_t id) {
    ++calls_;
    REQUIRE_FALSE(timers_[id]->armed());
    REQUIRE_FALSE(model_.empty());
    REQUIRE(model_.begin()->second == id);
    REQUIRE(model_.begin()->first.first <= now_);
    REQUIRE(model_.begin()->first.second <= armings_before_);
    model_.erase(model_.begin());
    for (auto changes = below(4); changes > 0; --changes)
      change_something();
  }

  void advance() {
    now_ += duration(static_cast<std::int64_t>(below(15)));
    armings_before_ = armings_;
    const auto calls_before = calls_;
    const auto called = queue_.advance(now_);
    REQUIRE(called == calls_ - calls_before);
    for (const auto& [filed, id] : model_) {
      const bool was_due = filed.first <= now_ && filed.second <= armings_before_;
      REQUIRE_FALSE(was_due);
    }
  }

  void check() {
    REQUIRE(queue_.size() == model_.size());
    REQUIRE(queue_.next().has_value() == !model_.empty());
    if (!model_.empty())
      REQUIRE(*queue_.next() <= model_.begin()->first.first);
  }

  std::mt19937 random_;
  std::multimap<key, std::size_t> model_;
  timer_queue queue_;
  std::array<std::unique_ptr<test_timer>, 30> timers_;
  instant now_ = at(0);
  std::uint64_t armings_ = 0;
  std::uint64_t armings_before_ = 0;
  std::size_t calls_ = 0;
};

} // namespace

TEST_CASE("a queue does what a sorted map does, whatever happens to its timers") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    random_run run(seed);
    for (int steps = 0; steps < 300; ++steps)
      run.step();
  }
}

TEST_CASE(
    "a million idle timeouts that are pushed forward all the time stay where they are filed") {
  constexpr std::size_t count = 1'000'000;
  constexpr std::int64_t timeout = 1000;
  struct idle_timeout final : timer {
    void on_timer() override { called = true; }
    bool called = false;
  };
  const auto timers = std::make_unique<idle_timeout[]>(count);
  timer_queue queue;
  for (std::int64_t now = 0; now < 20; ++now) {
    for (std::size_t each = 0; each < count; ++each)
      queue.arm(timers[each], at(now + timeout));
    // Nothing was filed anew: the queue would wake at the first deadline, and find nothing to call.
    REQUIRE(queue.next() == at(timeout));
  }
  REQUIRE(queue.advance(at(timeout)) == 0);
  REQUIRE(queue.next() == at(19 + timeout));
  REQUIRE(queue.advance(at(18 + timeout)) == 0);
  REQUIRE(queue.advance(at(19 + timeout)) == count);
  REQUIRE(timers[0].called);
  REQUIRE(timers[count - 1].called);
  REQUIRE(queue.size() == 0);
}
