// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

// Connections that end in order, by whichever side.

namespace an = actornet;
using namespace actornet::test;

TEST_CASE("the peer finishes: data, end, closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->sends("hello");
  story.handler.until_bytes(5);
  story.other->finishes();
  story.ends_as({"connected", "data", "end", "closed error=false ended"});
  CHECK(story.handler.bytes() == "hello");
  story.until_other_got_end();
}

TEST_CASE("the peer of a connection that we made finishes: data, end, closed") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects_to_server();
  story.other->sends("hello");
  story.other->finishes();
  story.ends_as({"connected", "data", "end", "closed error=false ended"});
  story.until_other_got_end();
}

TEST_CASE("the last words of the peer and its end, sent together, are told apart") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .pause_on_connect = true});
  story.other->sends("last");
  story.other->finishes();
  stage.lets_arrive(*story.other);
  story.asks(an::resume{});
  story.ends_as({"connected", "resume done", "data", "end", "closed error=false ended"});
}

TEST_CASE("what the handler writes at the end is sent, and answered before closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.handler.answers("end", an::write{an::text("bye")}, an::write{an::text("!")});
  story.other->finishes();
  story.ends_as({"connected", "end", "written 3", "written 1", "closed error=false ended"});
  story.until_other_got_end();
  CHECK(story.other->received() == "bye!");
}

TEST_CASE("we finish first: the answer, then what the peer still sends, end, closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::finish{an::text("bye")});
  story.handler.until("finish done");
  story.until_other_got_end();
  CHECK(story.other->received() == "bye");
  story.other->sends("still here");
  story.handler.until_bytes(10);
  story.other->finishes();
  story.ends_as({"connected", "finish done", "data", "end", "closed error=false ended"});
}

TEST_CASE("after our finish nothing is over before the peer's end") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::finish{});
  story.until_other_got_end();
  stage.settle();
  CHECK(story.handler.log() == words{"connected", "finish done"});
  story.other->finishes();
  story.ends_as({"connected", "finish done", "end", "closed error=false ended"});
}

TEST_CASE("both finish at once: finish is answered, the end is told, and then closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::finish{});
  story.other->finishes();
  story.handler.until("closed error=false ended");
  stage.settle();
  auto log = story.handler.log();
  CAPTURE(log);
  const bool end_first = log.at(1) == "end";
  CHECK(log == (end_first ? words{"connected", "end", "finish done", "closed error=false ended"}
                          : words{"connected", "finish done", "end", "closed error=false ended"}));
  story.until_other_got_end();
}

TEST_CASE("finish at the end: with half-open and without, it is answered before closed") {
  ON_EVERY_STAGE(stage);
  const bool half_open = GENERATE(false, true);
  CAPTURE(half_open);
  served_story story(stage, {.address = any_port, .allow_half_open = half_open});
  story.handler.answers("end", an::finish{an::text("bye")});
  story.other->finishes();
  story.ends_as({"connected", "end", "finish done", "closed error=false ended"});
  story.until_other_got_end();
  CHECK(story.other->received() == "bye");
}

TEST_CASE("half-open: after the end one may write, until finish") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .allow_half_open = true});
  story.other->finishes();
  story.handler.until("end");
  stage.settle();
  CHECK_FALSE(story.other->got_end());
  CHECK(story.handler.log() == words{"connected", "end"});
  story.asks(an::write{an::text("still here")});
  story.handler.until("written 10");
  story.asks(an::finish{});
  story.ends_as({"connected", "end", "written 10", "finish done", "closed error=false ended"});
  story.until_other_got_end();
  CHECK(story.other->received() == "still here");
}

TEST_CASE("half-open for who connects: after the end one may write, until finish") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects_to_server({.address = {}, .allow_half_open = true});
  story.other->finishes();
  story.handler.until("end");
  stage.settle();
  CHECK_FALSE(story.other->got_end());
  story.asks(an::finish{an::text("done")});
  story.ends_as({"connected", "end", "finish done", "closed error=false ended"});
  story.until_other_got_end();
  CHECK(story.other->received() == "done");
}

TEST_CASE("finish_then_destroy: its answer, then closed, and nothing that comes meanwhile") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .pause_on_connect = true});
  story.other->sends("nobody wants to hear this");
  stage.lets_arrive(*story.other);
  story.asks(an::finish_then_destroy{an::text("go away")});
  story.handler.until("finish_then_destroy done");
  story.until_other_got_end();
  story.other->sends("nor this");
  story.other->finishes();
  story.ends_as({"connected", "finish_then_destroy done", "closed error=false ended"});
  CHECK(story.other->received() == "go away");
  CHECK_FALSE(story.other->was_reset());
  CHECK(story.handler.bytes().empty());
}
