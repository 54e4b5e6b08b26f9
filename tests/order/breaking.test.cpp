// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

#include <chrono>
#include <csignal>

// Connections that the peer cuts off.

namespace an = actornet;
using namespace actornet::test;

TEST_CASE("a reset: failed, then closed, and never an end") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->resets();
  story.ends_as({"connected", "failed ECONNRESET", "closed error=true reset_by_peer"});
}

TEST_CASE("a reset of a connection that we made") {
  ON_EVERY_STAGE(stage);
  reaching_story story(stage);
  story.connects_to_server();
  story.handler.until("connected");
  story.other->resets();
  story.ends_as({"connected", "failed ECONNRESET", "closed error=true reset_by_peer"});
  CHECK_FALSE(story.handler.last_error().address.empty());
}

TEST_CASE("what came before a reset is told, then the reset") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->sends("last words");
  story.handler.until_bytes(10);
  story.other->resets();
  story.ends_as({"connected", "data", "failed ECONNRESET", "closed error=true reset_by_peer"});
  CHECK(story.handler.bytes() == "last words");
}

TEST_CASE("who is slow is told all that came before a reset, then the reset") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .receive_window_bytes = 10'000});
  story.handler.keeps_bytes();
  story.other->sends(std::string(20'000, 'a'));
  story.handler.until_bytes(10'000);
  stage.settle();
  story.other->sends(std::string(20'000, 'b'));
  stage.lets_arrive(*story.other);
  story.other->resets();
  stage.settle();
  CHECK(story.handler.log() == words{"connected", "data"});
  story.handler.lets_go_of_bytes();
  story.ends_as({"connected", "data", "failed ECONNRESET", "closed error=true reset_by_peer"});
  CHECK((story.handler.bytes() == std::string(20'000, 'a') + std::string(20'000, 'b')));
}

TEST_CASE("while who is slow takes what came before a reset, writes fail at once") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .receive_window_bytes = 10'000});
  story.handler.keeps_bytes();
  story.other->stops_reading();
  story.asks(an::write{much()});
  story.other->sends(std::string(20'000, 'a'));
  story.handler.until_bytes(10'000);
  stage.settle();
  story.other->sends(std::string(20'000, 'b'));
  stage.lets_arrive(*story.other);
  story.other->resets();
  story.handler.until("write failed ECONNRESET");
  story.asks(an::write{an::text("more")});
  story.handler.until("write failed ECONNRESET", 2);
  story.handler.lets_go_of_bytes();
  story.ends_as({"connected", "data", "write failed ECONNRESET", "write failed ECONNRESET", "data",
                 "failed ECONNRESET", "closed error=true reset_by_peer"});
  CHECK(story.handler.bytes().size() == 40'000);
}

TEST_CASE("who is slow and then pauses is told of a reset at once") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .receive_window_bytes = 10'000});
  story.handler.keeps_bytes();
  story.other->sends(std::string(20'000, 'a'));
  story.handler.until_bytes(10'000);
  stage.settle();
  story.other->resets();
  stage.settle();
  story.asks(an::pause{});
  story.ends_as(
      {"connected", "data", "failed ECONNRESET", "closed error=true reset_by_peer", "pause done"});
}

TEST_CASE("a reset of a connection that does not read is noticed without a resume") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::pause{});
  story.handler.until("pause done");
  story.other->sends("unread");
  stage.lets_arrive(*story.other);
  story.other->resets();
  story.ends_as(
      {"connected", "pause done", "failed ECONNRESET", "closed error=true reset_by_peer"});
}

TEST_CASE("a reset behind the peer's end is one, too") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .allow_half_open = true});
  story.other->finishes();
  story.handler.until("end");
  story.other->resets();
  story.handler.until("closed error=true reset_by_peer");
  // Linux says EPIPE of it where nobody reads any more.
  auto code = story.handler.last_error().code();
  CHECK((code == "ECONNRESET" || code == "EPIPE"));
  story.ends_as({"connected", "end", "failed " + code, "closed error=true reset_by_peer"});
}

TEST_CASE("a reset behind an end that nobody has read is noticed without a resume") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .pause_on_connect = true});
  story.other->sends("unread");
  story.other->finishes();
  stage.lets_arrive(*story.other);
  stage.settle();
  story.other->resets();
  story.handler.until("closed error=true reset_by_peer");
  auto code = story.handler.last_error().code();
  CHECK((code == "ECONNRESET" || code == "EPIPE"));
  story.ends_as({"connected", "failed " + code, "closed error=true reset_by_peer"});
}

TEST_CASE("a reset behind our finish is no end") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::finish{});
  story.handler.until("finish done");
  story.until_other_got_end();
  story.other->resets();
  story.ends_as(
      {"connected", "finish done", "failed ECONNRESET", "closed error=true reset_by_peer"});
}

TEST_CASE("a reset fails what is queued, in order, before failed and closed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()}, an::write{an::text("more")}, an::finish{});
  stage.settle();
  story.other->resets();
  story.ends_as({"connected", "write failed ECONNRESET", "write failed ECONNRESET",
                 "finish failed ECONNRESET", "failed ECONNRESET",
                 "closed error=true reset_by_peer"});
}

TEST_CASE("plain writes that a reset cuts off are told in one event, before failed") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.sends(an::write{much()}, an::write{an::text("more")});
  stage.settle();
  story.other->resets();
  story.ends_as({"connected", "write_failed 1000004 ECONNRESET", "failed ECONNRESET",
                 "closed error=true reset_by_peer"});
}

TEST_CASE("a peer that closes with bytes unread resets us") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{an::text("unread")});
  story.handler.until("written 6");
  stage.settle();
  story.other->closes();
  story.ends_as({"connected", "written 6", "failed ECONNRESET", "closed error=true reset_by_peer"});
}

// Nobody is there: the kernel takes the first write, its answer is RST, and the next write or the
// receiving tells.
TEST_CASE("writing to a peer that has closed breaks the connection once") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .allow_half_open = true});
  story.other->closes();
  story.handler.until("end");
  for (int i = 0; i < 1000 && story.handler.count("closed error=true reset_by_peer") == 0; ++i) {
    story.sends(an::write{an::text("anybody?")});
    stage.dawdles(std::chrono::milliseconds(1));
  }
  stage.settle();
  auto log = story.handler.log();
  CAPTURE(log);
  CHECK(log.back() == "closed error=true reset_by_peer");
  CHECK(
      (log.at(log.size() - 2) == "failed EPIPE" || log.at(log.size() - 2) == "failed ECONNRESET"));
  CHECK(story.handler.count("end") == 1);
}

TEST_CASE("whoever writes to a connection that was reset gets no SIGPIPE") {
  auto* before = std::signal(SIGPIPE, SIG_DFL);
  {
    ON_EVERY_KERNEL(stage);
    served_story story(stage, {.address = any_port, .pause_on_connect = true});
    story.other->resets();
    for (int i = 0; i < 100; ++i)
      story.sends(an::write{an::text("into the void")});
    story.handler.until("closed error=true reset_by_peer");
  }
  std::signal(SIGPIPE, before);
}
