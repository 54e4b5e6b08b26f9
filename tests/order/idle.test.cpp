// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

#include <algorithm>
#include <functional>

// What puts the idle timeout off, and what does not. On the real stages time is real: a test says
// what must not have come before, or that something comes at all, so that a busy machine cannot
// fail it.

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

constexpr auto idle_timeout = 100ms;
// The loop's clock is as of its last turn.
constexpr auto tolerance = 5ms;

served_story idle_story(stage& where) {
  return served_story(where, {.address = any_port, .idle_timeout = idle_timeout});
}

/// Does something half way to the timeout, which is told by `word`: the timeout starts again.
void check_activity(served_story& story, const std::string& word,
                    const std::function<void()>& something) {
  story.where.dawdles(idle_timeout / 2);
  const auto before = story.where.now();
  something();
  // On a busy machine, one may have been told already.
  REQUIRE(story.where.run_until([&] {
    const auto log = story.handler.log();
    return std::find(std::find(log.begin(), log.end(), word), log.end(), "timeout") != log.end();
  }));
  CHECK(story.handler.time_of("timeout") - before >= idle_timeout - tolerance);
}

} // namespace

TEST_CASE("silence is told once, and closes nothing") {
  ON_EVERY_STAGE(stage);
  auto story = idle_story(stage);
  story.handler.until("timeout");
  stage.dawdles(3 * idle_timeout);
  CHECK(story.handler.log() == words{"connected", "timeout"});
  story.sends(an::destroy{});
  story.ends_as({"connected", "timeout", "closed error=false destroyed"});
}

TEST_CASE("bytes that come are activity") {
  ON_EVERY_STAGE(stage);
  auto story = idle_story(stage);
  check_activity(story, "data", [&] { story.other->sends("x"); });
}

TEST_CASE("bytes that the kernel takes are activity") {
  ON_EVERY_STAGE(stage);
  auto story = idle_story(stage);
  check_activity(story, "written 1", [&] { story.asks(an::write{an::text("x")}); });
}

TEST_CASE("the peer's end is activity") {
  ON_EVERY_STAGE(stage);
  served_story story(stage,
                     {.address = any_port, .allow_half_open = true, .idle_timeout = idle_timeout});
  check_activity(story, "end", [&] { story.other->finishes(); });
}

TEST_CASE("after a timeout, activity brings the next") {
  ON_EVERY_STAGE(stage);
  auto story = idle_story(stage);
  story.handler.until("timeout");
  check_activity(story, "data", [&] { story.other->sends("x"); });
  CHECK(story.handler.count("timeout") == 2);
}

// Were they activity, the timeout would never come.
TEST_CASE("commands, pause, resume and options are no activity") {
  ON_EVERY_STAGE(stage);
  auto story = idle_story(stage);
  CHECK(stage.run_until([&] {
    story.sends(an::pause{}, an::resume{}, an::set_no_delay{}, an::get_info{}, an::get_address{},
                an::write{});
    stage.dawdles(5ms);
    return story.handler.count("timeout") > 0;
  }));
}

TEST_CASE("bytes that wait for resume are no activity") {
  ON_EVERY_STAGE(stage);
  served_story story(stage,
                     {.address = any_port, .pause_on_connect = true, .idle_timeout = idle_timeout});
  CHECK(stage.run_until([&] {
    story.other->sends("x");
    stage.dawdles(5ms);
    return story.handler.count("timeout") > 0;
  }));
  CHECK(story.handler.bytes().empty());
}

TEST_CASE("a write that is stuck is silence, told once") {
  ON_EVERY_STAGE(stage);
  auto story = idle_story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()});
  story.handler.until("timeout");
  stage.dawdles(3 * idle_timeout);
  CHECK(story.handler.log() == words{"connected", "timeout"});
  story.other->reads();
  story.handler.until("drain");
  CHECK(story.handler.count(much_written) == 1);
}

TEST_CASE("after closed no timeout is told") {
  ON_EVERY_STAGE(stage);
  auto story = idle_story(stage);
  story.sends(an::destroy{});
  story.handler.until("closed error=false destroyed");
  stage.dawdles(2 * idle_timeout);
  CHECK(story.handler.log().back() == "closed error=false destroyed");
}
