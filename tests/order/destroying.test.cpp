// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

#include <chrono>

// Connections that we cut off.

namespace an = actornet;
using namespace actornet::test;

TEST_CASE("destroy is told by closed alone: no end, and no failed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.sends(an::destroy{});
  story.ends_as({"connected", "closed error=false destroyed"});
  story.until_other_got_end();
}

TEST_CASE("destroy is answered behind closed: then it is done") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::destroy{});
  story.handler.until("destroy done");
  story.ends_as({"connected", "closed error=false destroyed", "destroy done"});
}

TEST_CASE("what was written before destroy, and taken by the kernel, still arrives") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::write{an::text("bye")});
  story.handler.until("written 3");
  story.sends(an::destroy{});
  story.ends_as({"connected", "written 3", "closed error=false destroyed"});
  story.until_other_got_end();
  CHECK(story.other->received() == "bye");
}

TEST_CASE("destroy with bytes unread resets the peer") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .pause_on_connect = true});
  story.other->sends("unread");
  stage.lets_arrive(*story.other);
  story.sends(an::destroy{});
  story.ends_as({"connected", "closed error=false destroyed"});
  story.until_other_was_reset();
  CHECK_FALSE(story.other->got_end());
}

TEST_CASE("a peer that goes on sending after our destroy is reset") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.sends(an::destroy{});
  story.ends_as({"connected", "closed error=false destroyed"});
  story.until_other_got_end();
  for (int i = 0; i < 1000 && !story.other->was_reset(); ++i) {
    story.other->sends("anybody?");
    stage.dawdles(std::chrono::milliseconds(1));
  }
  CHECK(story.other->was_reset());
}

TEST_CASE("destroy fails what is queued, in order and before closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()}, an::write{an::text("more")}, an::finish{});
  stage.settle();
  CHECK(story.handler.log() == words{"connected"});
  story.sends(an::destroy{});
  story.ends_as({"connected", "write failed ECANCELED", "write failed ECANCELED",
                 "finish failed ECANCELED", "closed error=false destroyed"});
}

TEST_CASE("plain writes that destroy cut off are told in one event before closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.sends(an::write{much()}, an::write{an::text("more")}, an::destroy{});
  story.ends_as({"connected", "write_failed 1000004 ECANCELED", "closed error=false destroyed"});
}

TEST_CASE("destroy while data waits for resume: it is told to nobody") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::pause{});
  story.handler.until("pause done");
  story.other->sends("unread");
  story.other->finishes();
  stage.lets_arrive(*story.other);
  story.sends(an::destroy{}, an::resume{});
  story.ends_as({"connected", "pause done", "closed error=false destroyed"});
}

TEST_CASE("after destroy every command fails with ENOTCONN, and nothing more is told") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.sends(an::destroy{});
  story.asks(an::write{an::text("late")}, an::finish{}, an::pause{}, an::destroy{});
  story.handler.until("destroy failed ENOTCONN");
  story.ends_as({"connected", "closed error=false destroyed", "write failed ENOTCONN",
                 "finish failed ENOTCONN", "pause failed ENOTCONN", "destroy failed ENOTCONN"});
}

TEST_CASE("reset sends RST, fails what is queued with ECONNRESET, and is no error") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()});
  stage.settle();
  story.sends(an::reset{});
  story.ends_as({"connected", "write failed ECONNRESET", "closed error=false reset_by_us"});
  story.other->reads();
  story.until_other_was_reset();
  CHECK_FALSE(story.other->got_end());
}
