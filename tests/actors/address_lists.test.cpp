// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/reached_server.hpp"
#include "support/served_client.hpp"

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::address_list;
using an::net::endpoint;
using an::test::at_80;
using an::test::port_80;
using an::test::port_90;
using an::test::reached_server;

namespace {

/// A listener with lists, whose owner is told who got in.
struct guarded_listener {
  explicit guarded_listener(an::listen_options chosen) {
    chosen.owner = owner.actor();
    server = *w.net().listen(std::move(chosen), caf::actor());
    local = owner.expects<an::listening>().local;
  }

  an::net::simulated_peer client_from(const char* address) {
    return w.network().peer_connects(local, *endpoint::parse_ip(address, 0));
  }
  bool admits(const char* address) {
    auto client = client_from(address);
    w.pass(1s);
    bool admitted = owner.asks(server, an::get_connections{}).value<an::connections>().count == 1;
    if (admitted) {
      owner.expects<an::accepted>();
      client.resets();
      w.pass(1s);
      return true;
    }
    auto dropped = owner.expects<an::dropped>();
    CHECK(dropped.reason == an::drop_reason::denied);
    CHECK(dropped.from == server);
    CHECK(dropped.remote == client.local());
    CHECK(client.got_end());
    return false;
  }

  an::test::world w;
  an::testkit::probe owner{w};
  an::listener server;
  endpoint local;
};

const std::string any_80 = "tcp://0.0.0.0:80";

address_list list(const std::vector<std::string_view>& rules) {
  return *address_list::parse(rules);
}

an::error failure_of(reached_server& story) {
  auto why = story.handler.expects<an::failed>().why;
  CHECK(story.handler.expects<an::closed>().had_error);
  CHECK(story.handler.has_no_event());
  return why;
}

} // namespace

// -- listening ------------------------------------------------------------------------------------

TEST_CASE("who is on the deny list of a listener is dropped, everybody else served") {
  guarded_listener story({.address = any_80, .deny = list({"10.0.0.0/8", "192.0.2.7"})});
  CHECK_FALSE(story.admits("10.1.2.3"));
  CHECK_FALSE(story.admits("192.0.2.7"));
  CHECK(story.admits("192.0.2.8"));
  CHECK(story.admits("11.0.0.1"));
}

TEST_CASE("with an allow list only who is on it is served") {
  guarded_listener story({.address = any_80, .allow = list({"10.0.0.0/8"})});
  CHECK(story.admits("10.1.2.3"));
  CHECK_FALSE(story.admits("11.0.0.1"));
}

TEST_CASE("who is on both lists is dropped") {
  guarded_listener story(
      {.address = any_80, .allow = list({"10.0.0.0/8"}), .deny = list({"10.1.0.0/16"})});
  CHECK(story.admits("10.2.0.1"));
  CHECK_FALSE(story.admits("10.1.0.1"));
}

TEST_CASE("rules of IPv4 hold for IPv4 clients of a listener on both families") {
  guarded_listener story({.address = "tcp://*:80", .deny = list({"10.0.0.0/8"})});
  auto denied = story.w.network().peer_connects(endpoint::ipv4({192, 0, 2, 1}, 80),
                                                endpoint::ipv4({10, 0, 0, 1}, 0));
  CHECK(story.owner.expects<an::dropped>().reason == an::drop_reason::denied);
  story.w.network().peer_connects(endpoint::ipv4({192, 0, 2, 1}, 80));
  story.owner.expects<an::accepted>();
}

TEST_CASE("who comes through a unix socket is on no list") {
  guarded_listener open({.address = "unix:@open", .deny = list({"::/0"})});
  open.w.network().peer_connects(open.local);
  open.owner.expects<an::accepted>();
  guarded_listener shut({.address = "unix:@shut", .allow = list({"::/0"})});
  shut.w.network().peer_connects(shut.local);
  CHECK(shut.owner.expects<an::dropped>().reason == an::drop_reason::denied);
}

TEST_CASE("who is denied counts as dropped, and as no connection") {
  guarded_listener story({.address = any_80, .max_connections = 1, .deny = list({"10.0.0.1"})});
  for (int i = 0; i < 3; ++i)
    story.client_from("10.0.0.1");
  story.w.pass(1s);
  auto info = story.owner.asks(story.server, an::get_info{}).value<an::listener_info>();
  CHECK(info.dropped == 3);
  CHECK(info.accepted == 0);
  CHECK(info.connections == 0);
  for (int i = 0; i < 3; ++i)
    story.owner.expects<an::dropped>();
  story.client_from("10.0.0.2");
  story.owner.expects<an::accepted>();
  // The lists come before the limit.
  story.client_from("10.0.0.1");
  CHECK(story.owner.expects<an::dropped>().reason == an::drop_reason::denied);
  story.client_from("10.0.0.3");
  CHECK(story.owner.expects<an::dropped>().reason == an::drop_reason::max_connections);
}

// -- connecting -----------------------------------------------------------------------------------

TEST_CASE("a numeric address on the deny list is not connected to") {
  reached_server story;
  story.connects({.address = port_90, .deny = list({"127.0.0.0/8"})});
  auto why = failure_of(story);
  CHECK(why.kind == an::trouble::denied);
  CHECK(to_string(why) == "connect EACCES: 127.0.0.1 is on the deny list 127.0.0.1:90");
  story.w.pass(1s);
  CHECK(story.server.waiting() == 0);
}

TEST_CASE("an address that is on no deny list is connected to") {
  reached_server story;
  story.connects({.address = port_90, .deny = list({"10.0.0.0/8", "::1"})});
  story.handler.expects<an::connected>();
}

TEST_CASE("of a name's addresses those on the deny list are left out, first and later ones") {
  reached_server story;
  auto& network = story.w.network();
  network.add_host("some.name",
                   {endpoint::ipv4({10, 0, 0, 1}, 0), endpoint::ipv4({192, 0, 2, 9}, 0),
                    endpoint::ipv4({10, 0, 0, 2}, 0), an::test::at_90});
  for (const char* each : {"10.0.0.1:90", "10.0.0.2:90"}) // they would be connected to
    REQUIRE(network.peer_listens(*endpoint::parse(each)));
  network.refuse_connects(endpoint::ipv4({192, 0, 2, 9}, 90));
  story.connects({.address = "tcp://some.name:90", .deny = list({"10.0.0.0/8"})});
  CHECK(story.handler.expects<an::connected>().remote == an::test::at_90);
}

TEST_CASE("a name whose addresses are all on the deny list fails with EACCES") {
  reached_server story;
  story.w.network().add_host("some.name",
                             {endpoint::ipv4({10, 0, 0, 1}, 0), endpoint::ipv4({10, 0, 0, 2}, 0)});
  story.connects({.address = "tcp://some.name:90", .deny = list({"10.0.0.0/8"})});
  auto why = failure_of(story);
  CHECK(why.kind == an::trouble::denied);
  CHECK(why.code() == "EACCES");
  CHECK(why.address == "10.0.0.1");
  CHECK(why.port == 90);
}
