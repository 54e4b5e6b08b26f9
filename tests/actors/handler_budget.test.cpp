// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/world.hpp"

#include "handler_budget.hpp"
#include "log_sink.hpp"

#include <caf/scoped_actor.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;

namespace {

an::handler_budget::span time_now;

/// A budget of 10 ms on a clock that moves as the test says, by steps of 4 ms.
class watched_turns {
public:
  watched_turns() {
    time_now = 1h;
    log_.replace([this](std::string_view line) { lines.emplace_back(line); });
  }

  void turn_takes(std::chrono::milliseconds time) {
    budget.turn_begins();
    time_now += time;
    budget.turn_ends(*handler_.ptr());
  }

private:
  an::test::world w_;
  caf::scoped_actor handler_{w_.system()};
  an::log_sink log_;

public:
  an::handler_budget budget{10ms, log_, {[] { return time_now; }, 4ms}};
  std::vector<std::string> lines;
};

} // namespace

TEST_CASE("a turn within its budget is not reported, nor one that the clock's step may explain") {
  watched_turns story;
  story.turn_takes(8ms);
  story.turn_takes(12ms);
  CHECK(story.lines.empty());
  CHECK(story.budget.exceeded() == 0);
}

TEST_CASE("a longer turn is counted, and reported with its length") {
  watched_turns story;
  story.turn_takes(24ms);
  REQUIRE(story.lines.size() == 1);
  CHECK_THAT(story.lines[0], Catch::Matchers::ContainsSubstring("for 24 ms") &&
                                 Catch::Matchers::ContainsSubstring("10 ms"));
  CHECK(story.budget.exceeded() == 1);
}

TEST_CASE("there is one line a second, which says how many turns it stands for") {
  watched_turns story;
  for (int i = 0; i < 50; ++i)
    story.turn_takes(20ms);
  CHECK(story.lines.size() == 1);
  time_now += 1s;
  story.budget.look_away();
  story.turn_takes(20ms);
  REQUIRE(story.lines.size() == 2);
  CHECK_THAT(story.lines[1], Catch::Matchers::ContainsSubstring("49 others"));
  CHECK(story.budget.exceeded() == 51);
}

TEST_CASE("time between turns in which the loop did something else is nobody's") {
  watched_turns story;
  story.turn_takes(4ms);
  story.budget.look_away();
  time_now += 1min;
  story.turn_takes(4ms);
  CHECK(story.budget.exceeded() == 0);
}
