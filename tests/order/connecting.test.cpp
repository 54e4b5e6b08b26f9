// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

// What is asked of a connection that is still being made.

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

TEST_CASE("writes before connected are sent once, in order, and answered behind connected") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects_to_server({.address = {}}, an::write{an::text("1")}, an::write{an::text("22")},
                           an::finish{an::text("333")});
  story.until_other_got_end();
  CHECK(story.other->received() == "122333");
  story.other->finishes();
  story.ends_as(
      {"connected", "written 1", "written 2", "finish done", "end", "closed error=false ended"});
}

TEST_CASE("what is queued while connecting fails once when it is destroyed") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects(stage.nobody_answers(), {.address = {}}, an::write{an::text("1")},
                 an::write{an::text("22")}, an::finish{});
  stage.settle();
  CHECK(story.handler.log().empty());
  story.sends(an::destroy{});
  story.ends_as({"write failed ECANCELED", "write failed ECANCELED", "finish failed ECANCELED",
                 "closed error=false destroyed"});
}

TEST_CASE("what is queued while connecting fails once when that is refused") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  auto nobody = stage.nobody_listens();
  story.connects(nobody, {.address = {}}, an::write{an::text("1")}, an::write{an::text("22")},
                 an::finish{});
  story.ends_as({"write failed ECONNREFUSED", "write failed ECONNREFUSED",
                 "finish failed ECONNREFUSED", "failed ECONNREFUSED", "closed error=true failed"});
  auto why = story.handler.last_error();
  CHECK(why.syscall == "connect");
  CHECK(why.address == "127.0.0.1");
  CHECK(why.port == nobody.port());
}

TEST_CASE("what is queued while connecting fails once when that takes too long") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  auto begun = stage.now();
  auto nobody = stage.nobody_answers();
  story.connects(nobody, {.address = {}, .connect_timeout = 100ms}, an::write{an::text("1")});
  story.ends_as({"write failed ETIMEDOUT", "failed ETIMEDOUT", "closed error=true failed"});
  CHECK(stage.now() - begun >= 100ms);
  auto why = story.handler.last_error();
  CHECK(why.kind == an::trouble::timed_out);
  CHECK(why.address == "127.0.0.1");
  CHECK(why.port == nobody.port());
}

TEST_CASE("a connection that was never made is closed like another: failed, closed, no more") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects(stage.nobody_listens(), {.address = {}});
  story.handler.until("closed error=true failed");
  story.asks(an::write{an::text("late")}, an::finish{});
  story.handler.until("finish failed ENOTCONN");
  CHECK(story.handler.log() == words{"failed ECONNREFUSED", "closed error=true failed",
                                     "write failed ENOTCONN", "finish failed ENOTCONN"});
}

TEST_CASE("reset while connecting is no error, and fails what was queued") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects(stage.nobody_answers(), {.address = {}}, an::write{an::text("1")});
  story.sends(an::reset{});
  story.ends_as({"write failed ECONNRESET", "closed error=false reset_by_us"});
}

TEST_CASE("finish_then_destroy while connecting: its bytes, its answer behind connected, closed") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects_to_server({.address = {}}, an::finish_then_destroy{an::text("bye")});
  story.until_other_got_end();
  CHECK(story.other->received() == "bye");
  story.other->finishes();
  story.ends_as({"connected", "finish_then_destroy done", "closed error=false ended"});
}
