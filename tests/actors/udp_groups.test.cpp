// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/udp_story.hpp"

#include <string>
#include <vector>

namespace an = actornet;
using an::net::endpoint;
using an::test::udp_story;
using an::test::world;
using an::testkit::probe;

namespace {

const std::string group = "239.1.2.3";
const auto group_at_5000 = endpoint::ipv4({239, 1, 2, 3}, 5000);

} // namespace

TEST_CASE("a member of a group hears what is sent to it, until it leaves") {
  udp_story story;
  auto sender = story.peer_at(endpoint::any_ipv4(6000));
  REQUIRE(sender.sends(group_at_5000, "not yet"));
  story.settle();
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.at, an::join{group, "eth0"}).done();
  REQUIRE(sender.sends(group_at_5000, "heard"));
  CHECK(story.handler.expects<an::datagram>().bytes.view() == "heard");
  story.handler.asks(story.at, an::leave{group, "eth0"}).done();
  REQUIRE(sender.sends(group_at_5000, "not any more"));
  story.settle();
  CHECK(story.handler.has_no_event());
}

TEST_CASE("join binds, and may be repeated by nobody") {
  udp_story story({.address = "udp4:"});
  auto ask = [&](auto command) { return story.handler.asks(story.at, command); };
  CHECK(ask(an::join{"10.1.2.3"}).failure().code() == "EINVAL");
  CHECK_THAT(ask(an::join{"10.1.2.3"}).failure().message(),
             Catch::Matchers::ContainsSubstring("multicast"));
  CHECK(ask(an::join{"nonsense"}).failure().code() == "EINVAL");
  CHECK(ask(an::join{group, "a b"}).failure().code() == "EINVAL");
  CHECK(ask(an::join{group, "eth0", "source"}).failure().code() == "EINVAL");
  CHECK(ask(an::join{group, "eth7"}).failure().code() == "ENODEV");
  CHECK(ask(an::leave{group, "eth0"}).failure().code() == "EADDRNOTAVAIL");
  CHECK(story.handler.has_no_event()); // what fails does not bind
  auto joined = ask(an::join{group, "eth0"});
  story.handler.expects<an::udp_listening>();
  joined.done();
  CHECK(ask(an::join{group, "eth0"}).failure().code() == "EADDRINUSE");
}

TEST_CASE("what an endpoint is a member of can be asked") {
  udp_story story({.address = "udp4://0.0.0.0:5000", .groups = {{group, "*"}}});
  auto ask = [&](auto command) { return story.handler.asks(story.at, command); };
  auto groups = [&] {
    std::vector<std::string> all;
    for (const auto& each : story.info().groups)
      all.push_back(each.group + "@" + each.interface + "," + each.source);
    return all;
  };
  using names = std::vector<std::string>;
  ask(an::join{"232.1.1.1", "eth0", "192.0.2.1"}).done();
  ask(an::join{"232.1.1.1", "eth0", "192.0.2.2"}).done();
  ask(an::join{"239.9.9.9", "eth0"}).done();
  CHECK(ask(an::join{"239.9.9.9", "eth0"}).failure().code() == "EADDRINUSE");
  CHECK(groups() == names{"239.1.2.3@*,", "232.1.1.1@eth0,192.0.2.1", "232.1.1.1@eth0,192.0.2.2",
                          "239.9.9.9@eth0,"});
  ask(an::leave{"232.1.1.1", "eth0", "192.0.2.1"}).done();
  ask(an::leave{"239.9.9.9", "192.0.2.1"}).done(); // the same interface
  CHECK(ask(an::leave{"239.9.9.9", "eth0"}).failure().code() == "EADDRNOTAVAIL");
  CHECK(groups() == names{"239.1.2.3@*,", "232.1.1.1@eth0,192.0.2.2"});
  ask(an::close{}).done();
  CHECK(groups().empty());
}

TEST_CASE("a source-specific member hears of its source only") {
  udp_story story;
  const auto source = endpoint::ipv4({192, 0, 2, 1}, 6000);
  auto sender = story.peer_at(source);
  story.handler.asks(story.at, an::join{"232.1.1.1", "eth0", "198.51.100.1"}).done();
  REQUIRE(sender.sends(endpoint::ipv4({232, 1, 1, 1}, 5000), "from another"));
  story.settle();
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.at, an::join{"232.1.1.1", "eth0", "192.0.2.1"}).done();
  REQUIRE(sender.sends(endpoint::ipv4({232, 1, 1, 1}, 5000), "from the source"));
  CHECK(story.handler.expects<an::datagram>().bytes.view() == "from the source");
}

TEST_CASE("groups of the options are joined before it is told that the endpoint is bound") {
  udp_story story({.address = "udp4://0.0.0.0:5000", .groups = {{group, "*"}}});
  auto sender = story.peer_at(endpoint::any_ipv4(6000));
  REQUIRE(sender.sends(group_at_5000, "heard"));
  CHECK(story.handler.expects<an::datagram>().bytes.view() == "heard");
}

TEST_CASE("an endpoint that cannot join what its options say never was") {
  world w;
  probe handler(w);
  auto at = *w.net().open_udp({.address = "udp4://0.0.0.0:5000", .groups = {{group, "eth7"}}},
                              handler.actor());
  CHECK(handler.expects<an::udp_failed>().why.code() == "ENODEV");
  CHECK(handler.expects<an::udp_closed>().had_error);
  CHECK(handler.has_no_event());
  CHECK(w.network().open_descriptors() == 0);
}
