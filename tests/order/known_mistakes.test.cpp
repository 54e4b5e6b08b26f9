// SPDX-License-Identifier: BSD-3-Clause
#include "order/story.hpp"
#include "support/open_descriptors.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>

// What runtimes of this kind got wrong when they were written anew. Each case is named by the
// mistake, and holds that it is not made here.

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

TEST_CASE("mistake: finish closes the socket, and the peer's answer is lost") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.asks(an::finish{an::text("question")});
  story.until_other_got_end();
  story.other->sends("answer");
  story.other->finishes();
  story.ends_as({"connected", "finish done", "data", "end", "closed error=false ended"});
  CHECK(story.handler.bytes() == "answer");
}

TEST_CASE("mistake: bytes that were accepted are lost at finish when the peer goes on sending") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::finish{much()});
  for (int i = 0; i < 10; ++i) {
    story.other->sends(std::string(10'000, 'x'));
    stage.settle();
  }
  story.other->reads();
  story.until_other_got_end();
  CHECK((story.other->received() == much().view()));
  story.other->finishes();
  story.handler.until("closed error=false ended");
  CHECK(story.handler.bytes().size() == 100'000);
}

TEST_CASE("mistake: the peer's end cuts off what is queued behind the first send") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()}, an::write{an::text("the end")});
  story.other->finishes();
  story.handler.until("end");
  stage.settle();
  story.other->reads();
  story.until_other_got_end();
  CHECK((story.other->received() == std::string(much().view()) + "the end"));
}

TEST_CASE("mistake: bytes that come before there is a handler are thrown away") {
  ON_EVERY_STAGE(stage);
  recorder handler(stage);
  recorder owner(stage);
  auto server = stage.net().listen(
      {.address = any_port, .owner = owner.actor(), .unreferenced = true}, caf::actor());
  REQUIRE(server);
  auto client = stage.client_of(owner.address_of(*server));
  owner.until("accepted");
  client->sends("early");
  client->finishes();
  stage.lets_arrive(*client);
  stage.settle();
  owner.sends(owner.peer(), an::set_handler{handler.actor()});
  handler.until("closed error=false ended");
  CHECK(handler.log() == words{"connected", "data", "end", "closed error=false ended"});
  CHECK(handler.bytes() == "early");
}

TEST_CASE("mistake: pause in the handler of connected is ignored") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.handler.answers("connected", an::pause{});
  story.listens({.address = any_port});
  story.other = stage.client_of(story.address);
  story.other->sends("early");
  story.handler.until("pause done");
  stage.lets_arrive(*story.other);
  // What was on its way when the command came is told; what comes now is not.
  auto told = story.handler.bytes().size();
  story.other->sends("late");
  stage.lets_arrive(*story.other);
  stage.settle();
  CHECK(story.handler.bytes().size() <= std::max<std::size_t>(told, 5));
  story.handler.asks(story.handler.peer(), an::resume{});
  story.handler.until_bytes(9);
  CHECK(story.handler.bytes() == "earlylate");
}

// The kernel may throw away what was not read when RST comes: then there is no data.
TEST_CASE("mistake: data and a reset behind it are told as a clean end") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->sends("hello");
  story.other->resets();
  story.handler.until("closed error=true reset_by_peer");
  stage.settle();
  const words with_data{"connected", "data", "failed ECONNRESET",
                        "closed error=true reset_by_peer"};
  const words without{"connected", "failed ECONNRESET", "closed error=true reset_by_peer"};
  CHECK(story.handler.log() == (story.handler.count("data") > 0 ? with_data : without));
}

TEST_CASE("mistake: a write that a reset cut off is told as a success") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.other->stops_reading();
  story.asks(an::write{much()});
  stage.settle();
  story.other->resets();
  story.ends_as({"connected", "write failed ECONNRESET", "failed ECONNRESET",
                 "closed error=true reset_by_peer"});
}

TEST_CASE("mistake: a half-open connection that is reset behind its output keeps the loop busy") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .allow_half_open = true});
  story.other->stops_reading();
  story.asks(an::write{much()});
  story.other->finishes();
  story.handler.until("end");
  stage.settle();
  auto before = stage.work_done();
  stage.dawdles(200ms);
  story.other->resets();
  story.handler.until("closed error=true reset_by_peer");
  stage.dawdles(200ms);
  // A loop that is busy works all the time.
  CHECK(stage.work_done() - before < 150ms);
  CHECK(story.handler.count("end") == 1);
  CHECK(story.handler.count(much_written) == 0);
}

TEST_CASE("mistake: the idle timeout does not come while a write is stuck") {
  ON_EVERY_STAGE(stage);
  served_story story(stage, {.address = any_port, .idle_timeout = 50ms});
  story.other->stops_reading();
  story.asks(an::write{much()});
  story.handler.until("timeout");
  CHECK(story.handler.log() == words{"connected", "timeout"});
}

TEST_CASE("mistake: a listener that is closed counts no connections") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.handler.asks(story.server, an::close{}, an::get_connections{});
  story.handler.until("connections 1");
}

TEST_CASE("mistake: a listener tells that it is closed while connections live") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.listens_as_owner();
  story.other = stage.client_of(story.address);
  story.handler.until("connected");
  story.handler.asks(story.server, an::close{});
  story.handler.until("close done");
  stage.settle();
  CHECK(story.handler.count("listener_closed error=false") == 0);
  story.other->finishes();
  story.handler.until("listener_closed error=false");
  CHECK(story.handler.log() == words{"listening", "accepted", "connected", "close done", "end",
                                     "closed error=false ended", "listener_closed error=false"});
}

TEST_CASE("mistake: a limit of no connections is no limit") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.listens_as_owner({.address = any_port, .max_connections = 0});
  auto client = stage.client_of(story.address);
  story.handler.until("dropped max_connections");
  CHECK(stage.run_until([&] { return client->got_end() || client->was_reset(); }));
  CHECK(story.handler.log() == words{"listening", "dropped max_connections"});
}

TEST_CASE("mistake: a client that has gone before it was accepted is told as dropped") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  story.listens_as_owner({.address = any_port, .max_connections = 10});
  story.handler.asks(story.server, an::pause_accepting{});
  story.handler.until("pause_accepting done");
  auto hasty = stage.client_of(story.address);
  hasty->resets();
  stage.settle();
  story.handler.asks(story.server, an::resume_accepting{});
  auto patient = stage.client_of(story.address);
  patient->sends("x");
  story.handler.until_bytes(1);
  stage.settle();
  CHECK(story.handler.count("dropped max_connections") == 0);
  CHECK(story.handler.count("dropped no_descriptors") == 0);
}

TEST_CASE(
    "mistake: a client that a list refuses is told as dropped by the limit, and takes a place") {
  ON_EVERY_STAGE(stage);
  listening_story story(stage);
  auto all_of_ipv4 = *an::net::address_list::parse({"0.0.0.0/0"});
  story.listens_as_owner({.address = any_port, .max_connections = 1, .deny = all_of_ipv4});
  auto first = stage.client_of(story.address);
  story.handler.until("dropped denied");
  auto second = stage.client_of(story.address);
  CHECK(stage.run_until([&] { return story.handler.count("dropped denied") == 2; }));
  CHECK(stage.run_until([&] { return second->got_end() || second->was_reset(); }));
  CHECK(story.handler.log() == words{"listening", "dropped denied", "dropped denied"});
}

TEST_CASE("mistake: finish of a connection that is never made is never answered") {
  ON_EVERY_STAGE(stage);
  reaching_story refused(stage);
  refused.connects(stage.nobody_listens(), {.address = {}}, an::finish{});
  refused.ends_as(
      {"finish failed ECONNREFUSED", "failed ECONNREFUSED", "closed error=true failed"});
  reaching_story given_up(stage);
  given_up.connects(stage.nobody_answers(), {.address = {}}, an::finish{});
  given_up.sends(an::destroy{});
  given_up.ends_as({"finish failed ECANCELED", "closed error=false destroyed"});
}

TEST_CASE("mistake: reset closes in good order") {
  ON_EVERY_STAGE(stage);
  served_story story(stage);
  story.sends(an::reset{});
  story.ends_as({"connected", "closed error=false reset_by_us"});
  story.until_other_was_reset();
  CHECK_FALSE(story.other->got_end());
}

namespace {

/// Sockets of this process that somebody could connect to.
std::size_t listening_sockets() {
  const auto all = open_descriptors();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](int number) {
    int listens = 0;
    socklen_t size = sizeof(listens);
    return ::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
  }));
}

} // namespace

// In capitals `localhost` is a name like others, which the resolver is asked for. The simulated
// network, whose names take time, has this among the tests of listeners.
TEST_CASE("mistake: the late answer to a name binds a listener that was closed") {
  ON_EVERY_KERNEL(stage);
  recorder owner(stage);
  auto server = stage.net().listen(
      {.address = "tcp://LOCALHOST:0", .owner = owner.actor(), .unreferenced = true}, caf::actor());
  REQUIRE(server);
  owner.asks(*server, an::close{});
  owner.until("close done");
  owner.until("listener_closed error=false");
  // When the resolver has answered this, it has answered what it was asked before.
  reaching_story later(stage);
  const auto port = std::to_string(stage.nobody_listens().port());
  later.connects_to({.address = "tcp://LOCALHOST:" + port});
  later.handler.until("closed error=true failed");
  stage.settle();
  CHECK(owner.log().back() != "listening");
  CHECK(listening_sockets() == 0);
}
