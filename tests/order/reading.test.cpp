// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

#include <algorithm>

// What a connection that does not read tells, and what it does not.

namespace an = actornet;
using namespace actornet::test;

TEST_CASE("after pause neither data nor the end is told, until resume") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::pause{});
  story.handler.until("pause done");
  story.other->sends("hello");
  story.other->finishes();
  stage.lets_arrive(*story.other);
  stage.settle();
  CHECK(story.handler.log() == words{"connected", "pause done"});
  story.asks(an::resume{});
  story.ends_as(
      {"connected", "pause done", "resume done", "data", "end", "closed error=false ended"});
  CHECK(story.handler.bytes() == "hello");
}

TEST_CASE("the end alone obeys pause, too") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .pause_on_connect = true});
  story.other->finishes();
  stage.lets_arrive(*story.other);
  stage.settle();
  CHECK(story.handler.log() == words{"connected"});
  CHECK_FALSE(story.other->got_end());
  story.asks(an::resume{});
  story.ends_as({"connected", "resume done", "end", "closed error=false ended"});
}

TEST_CASE("who does not read may finish, and is closed when it has read the end") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .pause_on_connect = true});
  story.other->sends("unread");
  story.other->finishes();
  story.asks(an::finish{an::text("bye")});
  story.handler.until("finish done");
  story.until_other_got_end();
  stage.settle();
  CHECK(story.handler.log() == words{"connected", "finish done"});
  story.asks(an::resume{});
  story.ends_as(
      {"connected", "finish done", "resume done", "data", "end", "closed error=false ended"});
}

TEST_CASE("a megabyte, paused and resumed at every event, arrives whole and before the end") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.handler.answers("data", an::pause{}, an::resume{});
  story.other->sends(much().view());
  story.other->finishes();
  story.handler.until("closed error=false ended");
  auto log = story.handler.log();
  CHECK((story.handler.bytes() == much().view()));
  CHECK(log.at(log.size() - 1) == "closed error=false ended");
  CHECK(story.handler.count("end") == 1);
  CHECK(std::find(std::find(log.begin(), log.end(), "end"), log.end(), "data") == log.end());
}
