// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"

#include <algorithm>

// What a listener tells, and when, beside what its connections do.

namespace an = actornet;
using namespace actornet::test;

namespace {

/// Two clients, one after the other, and the log so far.
struct crowded_story : listening_story {
  explicit crowded_story(stage& of, an::listen_options chosen = {.address = any_port})
      : listening_story(of) {
    listens_as_owner(std::move(chosen));
    other = of.client_of(address);
    handler.until("connected");
    peer = handler.peer();
    second = of.client_of(address);
    handler.until("connected", 2);
    expected = {"listening", "accepted", "connected", "accepted", "connected"};
    CHECK(handler.log() == expected);
  }

  void then(const std::string& word) {
    expected.push_back(word);
    handler.until(word,
                  static_cast<std::size_t>(std::count(expected.begin(), expected.end(), word)));
    where.settle();
    CHECK(handler.log() == expected);
  }

  std::unique_ptr<other_side> second;
  words expected;
};

} // namespace

TEST_CASE("the closed of a listener is the last of all, behind that of its last connection") {
  ON_EVERY_STAGE(stage);
  crowded_story story(stage);
  story.handler.asks(story.server, an::close{});
  story.then("close done");
  story.other->finishes();
  story.expected.emplace_back("end");
  story.then("closed error=false ended");
  story.second->resets();
  story.expected.emplace_back("failed ECONNRESET");
  story.expected.emplace_back("closed error=true reset_by_peer");
  story.then("listener_closed error=false");
}

TEST_CASE("a listener without connections is closed at once, and once") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.listens_as_owner();
  story.handler.asks(story.server, an::close{}, an::close{});
  story.handler.until("close done", 2);
  stage.settle();
  CHECK(story.handler.count("listener_closed error=false") == 1);
  CHECK(story.handler.log().size() == 4);
}

TEST_CASE("connections count from accepted to closed, also when the listener is closed") {
  ON_EVERY_STAGE(stage);
  crowded_story story(stage, {.address = any_port, .allow_half_open = true});
  story.handler.asks(story.server, an::get_connections{});
  story.then("connections 2");
  story.handler.asks(story.server, an::close{});
  story.then("close done");
  story.handler.asks(story.server, an::get_connections{});
  story.then("connections 2");
  story.other->finishes();
  story.then("end");
  story.handler.asks(story.server, an::get_connections{}); // a half-closed one counts
  story.then("connections 2");
  story.other->resets();
  story.handler.until("closed error=true reset_by_peer");
  story.handler.asks(story.server, an::get_connections{});
  story.handler.until("connections 1");
}

TEST_CASE("a client over max_connections is dropped, disturbs nobody, and room is used again") {
  ON_EVERY_STAGE(stage);
  crowded_story story(stage, {.address = any_port, .max_connections = 2});
  auto third = stage.client_of(story.address);
  story.then("dropped max_connections");
  CHECK(stage.run_until([&] { return third->got_end() || third->was_reset(); }));
  story.other->sends("still here");
  story.then("data");
  story.second->finishes();
  story.expected.emplace_back("end");
  story.then("closed error=false ended");
  auto fourth = stage.client_of(story.address);
  story.expected.emplace_back("accepted");
  story.then("connected");
}

TEST_CASE("a limit of 0 drops all, until it is raised") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.listens_as_owner({.address = any_port, .max_connections = 0});
  auto first = stage.client_of(story.address);
  story.handler.until("dropped max_connections");
  story.handler.asks(story.server, an::set_max_connections{1});
  story.handler.until("set_max_connections done");
  auto second = stage.client_of(story.address);
  story.handler.until("connected");
  CHECK(story.handler.log() == words{"listening", "dropped max_connections",
                                     "set_max_connections done", "accepted", "connected"});
}

TEST_CASE("clients that were not accepted are reset when the listener closes") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.listens_as_owner();
  story.handler.asks(story.server, an::pause_accepting{});
  story.handler.until("pause_accepting done");
  auto waits = stage.client_of(story.address);
  stage.settle();
  story.handler.asks(story.server, an::close{});
  CHECK(stage.run_until([&] { return waits->was_reset(); }));
  story.handler.until("listener_closed error=false");
  CHECK(story.handler.count("accepted") == 0);
}

TEST_CASE("stop: every connection finishes, and the listener's closed is behind theirs") {
  ON_EVERY_STAGE(stage);
  crowded_story story(stage);
  story.handler.asks(story.server, an::stop{});
  story.until_other_got_end();
  story.other->finishes();
  story.second->finishes();
  story.handler.until("listener_closed error=false");
  story.handler.until("stopped 2+0");
  story.handler.until("closed error=false ended", 2);
  auto log = story.handler.log();
  CAPTURE(log);
  auto last_closed = std::find(log.rbegin(), log.rend(), "closed error=false ended");
  auto listener_closed = std::find(log.rbegin(), log.rend(), "listener_closed error=false");
  CHECK(listener_closed < last_closed);
}
