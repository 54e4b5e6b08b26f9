// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/guarded_server.hpp"
#include "support/spawned.hpp"

#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::drop_reason;
using an::net::address_list;
using an::test::guarded_server;

// -- how many -------------------------------------------------------------------------------------

TEST_CASE("a broker limits the connections of all its listeners together") {
  guarded_server story({.limits = {.total = 3}});
  story.listens(81);
  auto first = story.served_client();
  story.served_client("10.0.0.2", 81);
  story.served_client("10.0.0.3", 81);
  CHECK(story.refusal("10.0.0.4", 80) == drop_reason::max_connections);
  CHECK(story.refusal("10.0.0.5", 81) == drop_reason::max_connections);
  story.leaves(first);
  story.served_client("10.0.0.6", 81);
  CHECK(story.count() == 3);
}

TEST_CASE("a limit for each listener leaves the others alone") {
  guarded_server story({.limits = {.per_listener = 1}});
  story.listens(81);
  story.served_client();
  CHECK(story.refusal() == drop_reason::max_connections);
  story.served_client("10.0.0.1", 81);
}

TEST_CASE("of a listener's own limit and its broker's the smaller holds") {
  guarded_server story({.limits = {.per_listener = 2}}, {.address = "", .max_connections = 1});
  story.served_client();
  CHECK(story.refusal() == drop_reason::max_connections);
  story.owner.asks(story.server, an::set_max_connections{-1}).done();
  story.served_client();
  CHECK(story.refusal() == drop_reason::max_connections);
}

TEST_CASE("each address has its own limit, whatever listener it comes to") {
  guarded_server story({.limits = {.per_address = 2}});
  story.listens(81);
  auto first = story.served_client("10.0.0.1", 80);
  story.served_client("10.0.0.1", 81);
  CHECK(story.refusal("10.0.0.1", 80) == drop_reason::max_per_address);
  CHECK(story.refusal("10.0.0.1", 81) == drop_reason::max_per_address);
  story.served_client("10.0.0.2", 80);
  story.leaves(first);
  story.served_client("10.0.0.1", 81);
}

TEST_CASE("an IPv4 client of a listener on both families is counted as the one that it is") {
  guarded_server story({.limits = {.per_address = 1}});
  an::listen_options only_ipv4{.address = "tcp://0.0.0.0:81", .broker = story.broker};
  only_ipv4.owner = story.owner.actor();
  auto second = story.w.net().listen(only_ipv4, story.handler.actor());
  REQUIRE(second);
  story.owner.expects<an::listening>();
  story.served_client("10.0.0.1", 80); // there it is ::ffff:10.0.0.1
  CHECK(story.refusal("10.0.0.1", 81) == drop_reason::max_per_address);
}

TEST_CASE("a network has its limit, by as many bits as the broker was told") {
  guarded_server story(
      {.limits = {.per_prefix = 2}, .prefix_bits_ipv4 = 16, .prefix_bits_ipv6 = 48});
  story.served_client("10.1.0.1");
  story.served_client("10.1.2.1");
  CHECK(story.refusal("10.1.3.1") == drop_reason::max_per_prefix);
  story.served_client("10.2.0.1");
  story.served_client("2001:db8:1:1::1");
  story.served_client("2001:db8:1:2::1");
  CHECK(story.refusal("2001:db8:1:3::1") == drop_reason::max_per_prefix);
  story.served_client("2001:db8:2::1");
  auto use =
      story.handler.asks(story.broker, an::get_use{*an::net::endpoint::parse_ip("10.1.2.1", 0)})
          .value<an::address_use>();
  CHECK(use.from_address == 1);
  CHECK(use.from_prefix == 2);
}

TEST_CASE("more bits than an address has are refused") {
  an::test::world w;
  CHECK_FALSE(w.net().make_broker({.prefix_bits_ipv4 = 33}));
  CHECK_FALSE(w.net().make_broker({.prefix_bits_ipv6 = 129}));
}

TEST_CASE("lowering a limit closes nothing, 0 drops all, raising it helps at once") {
  guarded_server story({.limits = {.total = 3}});
  std::vector<guarded_server::served> served{story.served_client(), story.served_client()};
  story.limits_become({.total = 1});
  story.w.pass(1s);
  CHECK(story.count() == 2);
  CHECK(story.refusal() == drop_reason::max_connections);
  story.limits_become({.total = 0});
  for (auto& each : served)
    story.leaves(each);
  CHECK(story.refusal() == drop_reason::max_connections);
  story.limits_become({.total = 1});
  story.served_client();
}

TEST_CASE("a limit for addresses that comes later knows the connections that there are") {
  guarded_server story({});
  story.served_client("10.0.0.1");
  story.limits_become({.per_address = 1});
  CHECK(story.refusal("10.0.0.1") == drop_reason::max_per_address);
  story.served_client("10.0.0.2");
}

TEST_CASE("who is refused for one limit counts for no other") {
  guarded_server story({.limits = {.total = 2, .per_address = 1}});
  story.served_client("10.0.0.1");
  for (int i = 0; i < 5; ++i)
    CHECK(story.refusal("10.0.0.1") == drop_reason::max_per_address);
  story.served_client("10.0.0.2");
  CHECK(story.refusal("10.0.0.3") == drop_reason::max_connections);
}

// -- how fast -------------------------------------------------------------------------------------

TEST_CASE("accepts per second have a burst, and then their rate") {
  guarded_server story({.limits = {.accepts_per_second = 10, .accepts_burst = 3}});
  for (int i = 0; i < 3; ++i)
    story.served_client();
  CHECK(story.refusal() == drop_reason::accept_rate);
  story.w.pass(100ms);
  story.served_client();
  CHECK(story.refusal() == drop_reason::accept_rate);
  story.w.pass(10s);
  for (int i = 0; i < 3; ++i)
    story.served_client();
  CHECK(story.refusal() == drop_reason::accept_rate);
}

// -- who ------------------------------------------------------------------------------------------

TEST_CASE("lists of a broker change while it runs, for who comes next") {
  guarded_server story({.deny = *address_list::parse({"10.0.0.0/24"})});
  CHECK(story.refusal("10.0.0.1") == drop_reason::denied);
  auto other = story.served_client("10.0.1.1");
  story.handler.asks(story.broker, an::set_access{{}, *address_list::parse({"10.0.1.0/24"})})
      .done();
  story.served_client("10.0.0.1");
  CHECK(story.refusal("10.0.1.1") == drop_reason::denied);
  other.peer.sends("still here");
  CHECK(story.handler.expects_bytes(10) == "still here");
  story.handler.asks(story.broker, an::set_access{*address_list::parse({"10.0.2.1"}), {}}).done();
  story.served_client("10.0.2.1");
  CHECK(story.refusal("10.0.0.1") == drop_reason::denied);
}

TEST_CASE("a client has to please the lists of the listener and of its broker") {
  guarded_server story({.deny = *address_list::parse({"10.0.0.1"})},
                       {.address = "", .deny = *address_list::parse({"10.0.0.2"})});
  CHECK(story.refusal("10.0.0.1") == drop_reason::denied);
  CHECK(story.refusal("10.0.0.2") == drop_reason::denied);
  story.served_client("10.0.0.3");
  CHECK(story.info().refused.denied == 2);
}

TEST_CASE("who comes through a unix socket has no address, and counts in all") {
  guarded_server story({.limits = {.total = 2, .per_address = 1}});
  an::listen_options by_name{.address = "unix:@guarded", .broker = story.broker};
  by_name.owner = story.owner.actor();
  REQUIRE(story.w.net().listen(by_name, story.handler.actor()));
  auto where = story.owner.expects<an::listening>().local;
  for (int i = 0; i < 2; ++i) {
    story.w.network().peer_connects(where);
    story.owner.expects<an::accepted>();
  }
  story.w.network().peer_connects(where);
  CHECK(story.owner.expects<an::dropped>().reason == drop_reason::max_connections);
}

// -- several loops --------------------------------------------------------------------------------

TEST_CASE("listeners on several loops keep to one limit, and places go where they are wanted") {
  guarded_server story({.limits = {.total = 4}}, {}, {.loops = 3});
  story.listens(81);
  story.listens(82);
  std::vector<guarded_server::served> served;
  for (int i = 0; i < 4; ++i)
    served.push_back(story.served_client("10.0.0.1", static_cast<std::uint16_t>(80 + i % 3)));
  for (std::uint16_t port = 80; port <= 82; ++port)
    CHECK(story.refusal("10.0.0.1", port) == drop_reason::max_connections);
  for (auto& each : served)
    story.leaves(each);
  for (int i = 0; i < 4; ++i) // all of them for one listener
    story.served_client("10.0.0.1", 82);
  CHECK(story.refusal("10.0.0.1", 82) == drop_reason::max_connections);
}

TEST_CASE("a broker of another actor system is refused") {
  an::test::world here;
  an::test::world there;
  auto broker = there.net().make_broker({});
  REQUIRE(broker);
  auto refused = here.net().listen({.address = "tcp://*:80", .broker = *broker}, caf::actor());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == "EINVAL");
  CHECK(there.net().listen({.address = "tcp://*:80", .broker = *broker}, caf::actor()));
}

TEST_CASE("an actor that is no broker is refused as one") {
  an::test::world w;
  auto no_broker = an::test::spawned(w.system(), [](caf::event_based_actor*) {});
  auto wrong = caf::actor_cast<an::connection_broker>(no_broker);
  auto refused = w.net().listen({.address = "tcp://*:80", .broker = wrong}, caf::actor());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == "EINVAL");
}
