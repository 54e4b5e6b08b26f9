// SPDX-License-Identifier: BSD-3-Clause

// RFC 8305: the addresses of a name race each other, in virtual time. What a test lets a server of
// the simulated network do is all that distinguishes them.

#include "support/catch.hpp"
#include "support/world.hpp"

#include <algorithm>
#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::world;
using an::testkit::probe;

namespace {

const auto four = *endpoint::parse("10.0.0.1:80");
const auto other_four = *endpoint::parse("10.0.0.2:80");
const auto six = *endpoint::parse("[2001:db8::1]:80");
const auto other_six = *endpoint::parse("[2001:db8::2]:80");

/// A name with addresses, and a connection to it.
struct race {
  explicit race(std::vector<endpoint> addresses) {
    w.network().add_host("example.org", std::move(addresses));
  }

  an::net::simulated_peer_listener listens(const endpoint& where) {
    return *w.network().peer_listens(where);
  }

  an::connection begins(an::connect_options chosen = {.address = "tcp://example.org:80"}) {
    from = w.network().now();
    return *w.net().connect(std::move(chosen), handler.actor());
  }

  endpoint winner() { return handler.expects<an::connected>().remote; }
  an::error failure() { return handler.expects<an::failed>().why; }
  an::net::duration taken() { return w.network().now() - from; }

  world w;
  probe handler{w};
  an::net::instant from{};
};

bool names(const std::string& sentence, const std::string& part) {
  return sentence.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the first address wins when it answers, and no other is tried") {
  race story({six, four});
  auto first = story.listens(six);
  auto second = story.listens(four);
  story.begins();
  CHECK(story.winner() == six);
  story.w.pass(1min);
  CHECK(first.waiting() == 1);
  CHECK(second.waiting() == 0);
}

TEST_CASE("an address that does not answer is overtaken by the next after 250 ms") {
  race story({six, four});
  story.w.network().hang_connects(six);
  auto server = story.listens(four);
  story.begins();
  CHECK(story.winner() == four);
  CHECK(story.taken() >= 250ms);
  CHECK(story.taken() < 255ms);
}

TEST_CASE("the delay between attempts can be chosen, and is never under 10 ms") {
  race story({six, four});
  story.w.network().hang_connects(six);
  auto server = story.listens(four);
  story.begins({.address = "tcp://example.org:80", .attempt_delay = 100ms});
  CHECK(story.winner() == four);
  CHECK(story.taken() >= 100ms);
  CHECK(story.taken() < 105ms);
  story.begins({.address = "tcp://example.org:80", .attempt_delay = 0ms});
  CHECK(story.winner() == four);
  CHECK(story.taken() >= 10ms);
  CHECK(story.taken() < 15ms);
}

TEST_CASE("a refusal has the next address tried at once") {
  race story({six, four});
  story.w.network().refuse_connects(six);
  auto server = story.listens(four);
  story.begins();
  CHECK(story.winner() == four);
  CHECK(story.taken() < 10ms);
}

TEST_CASE("families alternate: the first of the other family is the second that is tried") {
  race story({six, other_six, four, other_four});
  story.w.network().hang_connects(six);
  auto server = story.listens(four);
  auto later = story.listens(other_six);
  story.begins();
  CHECK(story.winner() == four);
  CHECK(story.taken() < 300ms);
}

TEST_CASE("a slow address is not given up: it wins if it answers while others are tried") {
  an::net::simulated_network::options slow;
  slow.latency_min = 300ms;
  slow.latency_max = 301ms;
  world w({.network = slow});
  w.network().add_host("example.org", {six, four});
  w.network().hang_connects(four);
  auto slow_server = *w.network().peer_listens(six);
  probe handler(w);
  auto peer = *w.net().connect({.address = "tcp://example.org:80"}, handler.actor());
  CHECK(handler.expects<an::connected>().remote == six);
}

TEST_CASE("when two answer, the loser is closed without having carried a byte") {
  an::net::simulated_network::options slow;
  slow.latency_min = 200ms;
  slow.latency_max = 201ms;
  slow.partial_send_chance = 0;
  world w({.network = slow});
  w.network().add_host("example.org", {six, four});
  auto first = *w.network().peer_listens(six);
  auto second = *w.network().peer_listens(four);
  probe handler(w);
  // The second sets out before the first can answer.
  auto peer = *w.net().connect({.address = "tcp://example.org:80", .attempt_delay = 100ms},
                               handler.actor());
  auto written = handler.asks(peer, an::write{an::text("once")});
  CHECK(handler.expects<an::connected>().remote == six);
  CHECK(written.value<an::written>().bytes == 4);
  handler.sends(peer, an::finish{});
  w.pass(5s);
  auto winner = first.accepts();
  CHECK(winner.received() == "once");
  REQUIRE(second.waiting() == 1);
  auto loser = second.accepts();
  CHECK(loser.received().empty());
  CHECK((loser.got_end() || loser.was_reset()));
  CHECK(w.network().open_descriptors() == 1);
}

TEST_CASE("when all fail, one error lists each address with its reason") {
  race story({six, four, other_four});
  story.w.network().refuse_connects(six);
  story.w.network().fail_connects(four, EHOSTUNREACH);
  story.w.network().refuse_connects(other_four);
  auto peer = story.begins();
  auto why = story.failure();
  CHECK(why.code() == "ECONNREFUSED");
  CHECK(why.syscall == "connect");
  CHECK(why.address == "2001:db8::1");
  CHECK(why.port == 80);
  auto sentence = why.message();
  CHECK(names(sentence, "[2001:db8::1]:80 ECONNREFUSED"));
  CHECK(names(sentence, "10.0.0.1:80 EHOSTUNREACH"));
  CHECK(names(sentence, "10.0.0.2:80 ECONNREFUSED"));
  CHECK(story.handler.expects<an::closed>().had_error);
}

TEST_CASE("a deadline that passes tells of those that still hang") {
  race story({six, four});
  story.w.network().hang_connects(six);
  story.w.network().hang_connects(four);
  story.begins({.address = "tcp://example.org:80", .connect_timeout = 1s});
  auto why = story.failure();
  CHECK(story.taken() == 1s);
  CHECK(why.code() == "ETIMEDOUT");
  CHECK(names(why.message(), "[2001:db8::1]:80 ETIMEDOUT, 10.0.0.1:80 ETIMEDOUT"));
  story.handler.expects<an::closed>();
  CHECK(story.w.network().open_descriptors() == 0);
}

TEST_CASE("the last failure of a race that somebody still runs in is not the end") {
  race story({six, four});
  story.w.network().hang_connects(six);
  story.w.network().refuse_connects(four);
  auto peer = story.begins();
  story.w.pass(1min);
  CHECK(story.handler.has_no_event());
  CHECK(story.handler.asks(peer, an::get_info{}).value<an::connection_info>().state ==
        an::connection_state::connecting);
  story.handler.sends(peer, an::destroy{});
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  CHECK(story.w.network().open_descriptors() == 0);
}

TEST_CASE("an address to connect from decides the family") {
  race story({six, four});
  auto first = story.listens(six);
  auto second = story.listens(four);
  story.begins({.address = "tcp://example.org:80", .from = "tcp://10.0.0.9:0"});
  CHECK(story.winner() == four);
}

TEST_CASE("localhost connects to whichever loopback answers") {
  world w;
  probe handler(w);
  auto server = *w.network().peer_listens(endpoint::loopback_ipv6(80));
  auto peer = *w.net().connect({.address = "tcp://localhost:80"}, handler.actor());
  CHECK(handler.expects<an::connected>().remote == endpoint::loopback_ipv6(80));
}

TEST_CASE("localhost is both loopbacks, also where the resolver knows of one, or of none") {
  world w;
  if (GENERATE(false, true))
    w.network().add_host("localhost", {endpoint::loopback_ipv4(80)});
  else
    w.network().fail_name("localhost", "ENOTFOUND");
  probe handler(w);
  auto server = *w.network().peer_listens(endpoint::loopback_ipv6(80));
  auto peer = *w.net().connect({.address = "tcp://localhost:80"}, handler.actor());
  CHECK(handler.expects<an::connected>().remote == endpoint::loopback_ipv6(80));
}

TEST_CASE("of localhost, too, only the family is tried that was asked for") {
  world w;
  w.network().fail_name("localhost", "ENOTFOUND");
  probe handler(w);
  auto server = *w.network().peer_listens(endpoint::loopback_ipv6(80));
  auto peer = *w.net().connect(
      {.address = "tcp://localhost:80", .family = an::net::address_family::ipv4}, handler.actor());
  auto why = handler.expects<an::failed>().why;
  CHECK(why.code() == "ECONNREFUSED");
  CHECK(why.address == "127.0.0.1");
  CHECK(handler.expects<an::closed>().had_error);
}
