// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

// Writes, their answers, and drain.

namespace an = actornet;
using namespace actornet::test;

TEST_CASE("writes are answered in order, then finish, and the peer has them in order") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .allow_half_open = true});
  story.asks(an::write{an::text("1")}, an::write{an::text("22")}, an::write{an::text("333")},
             an::finish{an::text("4444")});
  story.handler.until("finish done");
  CHECK(story.handler.log() ==
        words{"connected", "written 1", "written 2", "written 3", "finish done"});
  story.until_other_got_end();
  CHECK(story.other->received() == "1223334444");
}

TEST_CASE("a write after finish fails with EPIPE, and the peer sees a clean end") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::finish{an::text("all")});
  story.handler.until("finish done");
  story.asks(an::write{an::text("more")}, an::finish{an::text("more")}, an::finish{});
  story.sends(an::write{an::text("more")});
  story.handler.until("write_failed 4 EPIPE");
  story.until_other_got_end();
  CHECK(story.other->received() == "all");
  story.other->finishes();
  story.handler.until("closed error=false ended");
  CHECK(story.handler.count("write failed EPIPE") == 1);
  CHECK(story.handler.count("finish failed EPIPE") == 1);
  CHECK(story.handler.count("finish done") == 2);
  CHECK(story.handler.count("failed EPIPE") == 0);
  CHECK(story.handler.log().back() == "closed error=false ended");
}

TEST_CASE("a write after the automatic finish fails with EPIPE, and disturbs nothing") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()}); // keeps it open
  story.other->finishes();
  story.handler.until("end");
  stage.settle();
  story.asks(an::write{an::text("late")});
  story.handler.until("write failed EPIPE");
  story.other->reads();
  story.ends_as(
      {"connected", "end", "write failed EPIPE", much_written, "closed error=false ended"});
  story.until_other_got_end();
  CHECK((story.other->received() == much().view()));
}

TEST_CASE("a write that is queued when the peer finishes is answered before closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()}, an::write{an::text("more")});
  story.other->finishes();
  story.handler.until("end");
  stage.settle();
  CHECK(story.handler.log() == words{"connected", "end"});
  story.other->reads();
  story.ends_as({"connected", "end", much_written, "written 4, full", "closed error=false ended"});
}

TEST_CASE("of writes that wait, the first is answered first, each when the kernel has all of it") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{an::text("first")}, an::write{much()}, an::write{an::text("third")});
  story.handler.until("written 5");
  stage.settle();
  CHECK(story.handler.log() == words{"connected", "written 5"});
  story.other->reads();
  story.handler.until("drain");
  CHECK(story.handler.log() ==
        words{"connected", "written 5", much_written, "written 5, full", "drain"});
}

TEST_CASE("drain is told once for each time that the queue was over the mark") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  words expected{"connected"};
  for (std::size_t episode = 1; episode <= 3; ++episode) {
    story.other->stops_reading();
    story.asks(an::write{much()}, an::write{much()});
    stage.settle();
    CHECK(story.handler.log() == expected);
    story.other->reads();
    story.handler.until("drain", episode);
    stage.settle();
    for (const auto& each : {much_written, much_written, std::string("drain")})
      expected.push_back(each);
    CHECK(story.handler.log() == expected);
  }
}

TEST_CASE("drain comes already at the low-water mark, once for each time over the other") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .low_water_mark_bytes = too_much / 2});
  words expected{"connected"};
  for (std::size_t episode = 1; episode <= 2; ++episode) {
    story.other->stops_reading();
    story.asks(an::write{much()}, an::write{much()});
    stage.settle();
    CHECK(story.handler.log() == expected);
    story.other->reads();
    // Behind the drain it is not told to wait, as there will be no other.
    story.handler.until("written 1000000", episode);
    stage.settle();
    for (const auto& each : {much_written, std::string("drain"), std::string("written 1000000")})
      expected.push_back(each);
    CHECK(story.handler.log() == expected);
  }
}

TEST_CASE("below the mark there is no drain") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .high_water_mark_bytes = 2 * too_much});
  story.other->stops_reading();
  story.asks(an::write{much()});
  stage.settle();
  story.other->reads();
  story.handler.until("written 1000000");
  stage.settle();
  CHECK(story.handler.log() == words{"connected", "written 1000000"});
}

TEST_CASE("after finish there is no drain") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()}, an::finish{});
  stage.settle();
  story.other->reads();
  story.handler.until("finish done");
  stage.settle();
  CHECK(story.handler.log() == words{"connected", much_written, "finish done"});
}

TEST_CASE("after destroy there is no drain") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()});
  stage.settle();
  story.sends(an::destroy{});
  story.other->reads();
  story.ends_as({"connected", "write failed ECANCELED", "closed error=false destroyed"});
}
