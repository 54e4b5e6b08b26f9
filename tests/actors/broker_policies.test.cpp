// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/guarded_server.hpp"

#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::drop_reason;
using an::over_limit;
using an::test::guarded_server;

namespace {

std::size_t connected_of(const std::vector<an::net::simulated_peer>& all) {
  std::size_t result = 0;
  for (const auto& each : all)
    result += each.connected() ? 1 : 0;
  return result;
}

} // namespace

TEST_CASE("drop: the client is told an end, and the owner the reason") {
  guarded_server story({.limits = {.total = 0}});
  auto client = story.client();
  story.w.pass(1s);
  CHECK(client.got_end());
  auto event = story.owner.expects<an::dropped>();
  CHECK(event.from == story.server);
  CHECK(event.remote.port() == client.local().port());
  CHECK(event.count == 1);
}

TEST_CASE("reset: the client is reset") {
  guarded_server story({.limits = {.total = 0}, .policy = over_limit::reset});
  auto client = story.client();
  story.w.pass(1s);
  CHECK(client.was_reset());
  CHECK(story.owner.expects<an::dropped>().reason == drop_reason::max_connections);
}

TEST_CASE("reply: the client reads a farewell, also if it has sent what nobody reads") {
  guarded_server story({.limits = {.total = 0},
                        .policy = over_limit::reply,
                        .farewell = an::text("full, come back later\n")});
  auto client = story.client();
  client.sends("a request that is not read");
  story.w.pass(1s);
  CHECK(client.received() == "full, come back later\n");
  CHECK(client.got_end());
  CHECK_FALSE(client.was_reset());
  CHECK(story.owner.expects<an::dropped>().reason == drop_reason::max_connections);
  client.finishes();
  story.w.pass(1s);
  CHECK(story.count() == 0);
}

TEST_CASE("reply: who stays is cut off after two seconds, and only so many are listened to") {
  guarded_server story(
      {.limits = {.total = 0}, .policy = over_limit::reply, .farewell = an::text("full")});
  auto idle = story.w.network().open_descriptors();
  std::vector<an::net::simulated_peer> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(story.client());
  story.w.pass(1s);
  std::size_t told = 0;
  for (auto& each : clients)
    told += each.received() == "full" ? 1 : 0;
  CHECK(told == 64);
  CHECK(story.w.network().open_descriptors() == idle + 64);
  story.w.pass(2s);
  CHECK(story.w.network().open_descriptors() == idle);
}

TEST_CASE("reply: who resets in the middle of the farewell, or never reads it, leaves nothing") {
  guarded_server story({.limits = {.total = 0},
                        .policy = over_limit::reply,
                        .farewell = an::text(std::string(300'000, 'x'))});
  auto idle = story.w.network().open_descriptors();
  auto resets = story.client();
  auto never_reads = story.client();
  for (auto* each : {&resets, &never_reads}) {
    each->stops_reading();
    each->sends("a request that is not read");
    story.owner.expects<an::dropped>();
  }
  story.w.pass(100ms);
  CHECK(story.w.network().open_descriptors() == idle + 2);
  resets.resets();
  story.w.pass(100ms);
  CHECK(story.w.network().open_descriptors() == idle + 1);
  story.w.pass(2s);
  CHECK(story.w.network().open_descriptors() == idle);
  CHECK(story.refusal() == drop_reason::max_connections); // it goes on
}

TEST_CASE("wait: clients wait in the backlog, and are served when there is room, none refused") {
  guarded_server story({.limits = {.total = 2}, .policy = over_limit::wait});
  std::vector<an::net::simulated_peer> clients;
  for (int i = 0; i < 6; ++i)
    clients.push_back(story.client());
  story.w.pass(1s);
  CHECK(connected_of(clients) == 6); // as far as their kernel knows
  CHECK(story.count() == 2);
  for (int i = 0; i < 6; ++i) {
    auto peer = story.owner.expects<an::accepted>().peer;
    story.w.pass(10ms);
    CHECK(story.count() <= 2);
    story.handler.sends(peer, an::destroy{});
  }
  story.w.pass(1s);
  CHECK(story.owner.has_no_event());
  CHECK(story.info().refused.sum() == 0);
  CHECK(story.info().accepted == 6);
}

TEST_CASE("wait: a place that one listener's client leaves serves who waits at another") {
  guarded_server story({.limits = {.total = 1}, .policy = over_limit::wait}, {}, {.loops = 2});
  story.listens(81);
  auto first = story.served_client("10.0.0.1", 80);
  story.client("10.0.0.1", 81);
  story.w.pass(1s);
  CHECK(story.owner.has_no_event());
  story.leaves(first);
  story.owner.expects<an::accepted>();
}

TEST_CASE("wait: raising a limit, or taking the policy back, ends the waiting") {
  guarded_server story({.limits = {.total = 0}, .policy = over_limit::wait});
  story.client();
  story.client();
  story.w.pass(1s);
  CHECK(story.owner.has_no_event());
  story.limits_become({.total = 1});
  story.owner.expects<an::accepted>();
  story.handler.asks(story.broker, an::set_over_limit{over_limit::drop, {}}).done();
  CHECK(story.owner.expects<an::dropped>().reason == drop_reason::max_connections);
}

TEST_CASE("wait: a listener's own limit is waited for, too, and raised by command") {
  guarded_server story({.policy = over_limit::wait}, {.address = "", .max_connections = 1});
  story.served_client();
  story.client();
  story.w.pass(1s);
  CHECK(story.owner.has_no_event());
  story.owner.asks(story.server, an::set_max_connections{2}).done();
  story.owner.expects<an::accepted>();
}

TEST_CASE("wait: who comes too fast is served when it is time, not sooner") {
  guarded_server story(
      {.limits = {.accepts_per_second = 10, .accepts_burst = 1}, .policy = over_limit::wait});
  auto from = story.w.network().now();
  for (int i = 0; i < 5; ++i)
    story.client();
  for (int i = 0; i < 5; ++i)
    story.owner.expects<an::accepted>();
  CHECK(story.w.network().now() - from >= 400ms);
  CHECK(story.w.network().now() - from <= 600ms);
  CHECK(story.info().refused.sum() == 0);
}

TEST_CASE("wait: who is above the limit of his address is dropped, and keeps nobody waiting") {
  guarded_server story({.limits = {.total = 2, .per_address = 1}, .policy = over_limit::wait});
  story.served_client("10.0.0.1");
  CHECK(story.refusal("10.0.0.1") == drop_reason::max_per_address);
  story.served_client("10.0.0.2");
}

TEST_CASE("wait: a listener that closes or pauses while clients wait lets them go, or keeps them") {
  guarded_server story({.limits = {.total = 1}, .policy = over_limit::wait});
  auto first = story.served_client();
  auto second = story.client();
  story.w.pass(1s);
  story.owner.asks(story.server, an::pause_accepting{}).done();
  story.leaves(first);
  story.w.pass(1s);
  CHECK(story.owner.has_no_event());
  story.owner.asks(story.server, an::resume_accepting{}).done();
  story.owner.expects<an::accepted>();
  auto third = story.client();
  story.w.pass(1s);
  story.owner.asks(story.server, an::close{}).done();
  story.w.pass(1s);
  CHECK(third.was_reset());
}

TEST_CASE("wait: what accepting takes back by itself does not lose a place") {
  guarded_server story({.limits = {.total = 1}, .policy = over_limit::wait});
  auto local = an::net::endpoint::any_ipv6(80);
  story.w.network().fail_next_accept(local, ENOMEM);
  story.client();
  CHECK(story.owner.expects<an::listener_failed>().why.number == ENOMEM);
  story.owner.expects<an::accepted>();
  CHECK(story.count() == 1);
}

TEST_CASE("a place is free again when its descriptor is closed, which the client hears of") {
  guarded_server story({.limits = {.total = 1}});
  auto idle = story.w.network().open_descriptors();
  for (int i = 0; i < 20; ++i) {
    auto served = story.served_client();
    CHECK(story.w.network().open_descriptors() == idle + 1);
    CHECK(story.count() == 1);
    CHECK_FALSE(served.peer.got_end());
    story.leaves(served);
    CHECK(story.w.network().open_descriptors() == idle);
    CHECK(story.count() == 0);
    story.w.pass(1ms);
    CHECK(served.peer.got_end());
  }
}
