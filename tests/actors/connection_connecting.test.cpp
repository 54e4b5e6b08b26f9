// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/reached_server.hpp"

#include <cerrno>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::at_90;
using an::test::port_90;
using an::test::reached_server;

namespace {

const endpoint other_host = *endpoint::parse("127.0.0.2:90");

an::error failure_of(reached_server& story) {
  auto why = story.handler.expects<an::failed>().why;
  CHECK(story.handler.expects<an::closed>().had_error);
  CHECK(story.handler.has_no_event());
  return why;
}

} // namespace

TEST_CASE("a connection that was made tells connected, and is like any other") {
  reached_server story;
  auto peer = story.connects();
  auto connected = story.handler.expects<an::connected>();
  CHECK(connected.peer == peer);
  CHECK(connected.remote == at_90);
  auto server = story.accepted_one();
  CHECK(connected.local == server.remote());
  server.sends("welcome");
  CHECK(story.handler.expects_bytes(7) == "welcome");
  story.handler.sends(peer, an::finish{an::text("thanks")});
  server.finishes();
  story.handler.expects<an::end>();
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  story.w.pass(1s);
  CHECK(server.received() == "thanks");
}

TEST_CASE("a refused connect tells failed with all that is known, then closed") {
  reached_server story;
  story.connects({.address = "tcp://127.0.0.1:91"});
  auto why = failure_of(story);
  CHECK(why.code() == "ECONNREFUSED");
  CHECK(why.syscall == "connect");
  CHECK(why.address == "127.0.0.1");
  CHECK(why.port == 91);
  CHECK(to_string(why) == "connect ECONNREFUSED: connection refused 127.0.0.1:91");
}

TEST_CASE("an unreachable host is told with its own errno") {
  reached_server story;
  story.w.network().fail_connects(at_90, EHOSTUNREACH);
  story.connects();
  CHECK(failure_of(story).code() == "EHOSTUNREACH");
}

TEST_CASE("a connect that hangs fails when its deadline passes, not before and not later") {
  reached_server story;
  story.w.network().hang_connects(at_90);
  auto from = story.w.network().now();
  story.connects({.address = port_90, .connect_timeout = 3s});
  auto why = failure_of(story);
  CHECK(story.w.network().now() - from == 3s);
  CHECK(why.code() == "ETIMEDOUT");
  CHECK(why.kind == an::trouble::timed_out);
  CHECK(why.address == "127.0.0.1");
  CHECK(why.port == 90);
}

TEST_CASE("the deadline is forgotten once connected") {
  reached_server story;
  story.connects({.address = port_90, .connect_timeout = 3s});
  story.handler.expects<an::connected>();
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("without a deadline a connect waits, and may be destroyed or reset") {
  reached_server story;
  story.w.network().hang_connects(at_90);
  for (bool with_reset : {false, true}) {
    auto peer = story.connects();
    story.w.pass(1h);
    CHECK(story.handler.has_no_event());
    auto info = story.handler.asks(peer, an::get_info{}).value<an::connection_info>();
    CHECK(info.state == an::connection_state::connecting);
    auto write = story.handler.asks(peer, an::write{an::text("x")});
    auto finish = story.handler.asks(peer, an::finish{});
    if (with_reset)
      story.handler.sends(peer, an::reset{});
    else
      story.handler.sends(peer, an::destroy{});
    auto code = with_reset ? "ECONNRESET" : "ECANCELED";
    CHECK(write.failure().code() == code);
    CHECK(finish.failure().code() == code);
    CHECK_FALSE(story.handler.expects<an::closed>().had_error);
    story.w.pass(1h);
    CHECK(story.handler.has_no_event());
    CHECK(story.w.network().open_descriptors() == 0);
  }
}

TEST_CASE("while connecting there is no address yet") {
  reached_server story;
  story.w.network().hang_connects(at_90);
  auto peer = story.connects();
  auto known = story.handler.asks(peer, an::get_address{}).value<an::addresses>();
  CHECK(known.remote == endpoint());
}

TEST_CASE("writes before connected are sent once, in order, and answered then") {
  reached_server story;
  auto peer = story.connects();
  std::vector<an::testkit::probe::question> asked;
  std::string all;
  for (int i = 0; i < 100; ++i) {
    auto text = std::to_string(i) + " ";
    all += text;
    asked.push_back(story.handler.asks(peer, an::write{an::text(text)}));
  }
  CHECK_FALSE(asked.front().answered());
  auto info = story.handler.asks(peer, an::get_info{}).value<an::connection_info>();
  CHECK(info.buffered == all.size());
  for (auto& each : asked)
    CHECK(each.value<an::written>().keep_going);
  story.handler.expects<an::connected>();
  auto server = story.accepted_one();
  story.w.pass(1s);
  CHECK(server.received() == all);
}

TEST_CASE("finish before connected: the bytes, then FIN") {
  reached_server story;
  auto peer = story.connects();
  story.handler.sends(peer, an::write{an::text("hello ")});
  auto finish = story.handler.asks(peer, an::finish{an::text("and bye")});
  auto late = story.handler.asks(peer, an::write{an::text("!")});
  CHECK(late.failure().code() == "EPIPE");
  CHECK_FALSE(finish.answered());
  finish.done();
  auto server = story.accepted_one();
  story.w.pass(1s);
  CHECK(server.received() == "hello and bye");
  CHECK(server.got_end());
}

TEST_CASE("an empty write before connected is answered then, and not forgotten") {
  reached_server story;
  auto peer = story.connects();
  auto empty = story.handler.asks(peer, an::write{});
  CHECK_FALSE(empty.answered());
  CHECK(empty.value<an::written>().bytes == 0);
}

TEST_CASE("a write queue over the mark while connecting brings a drain afterwards") {
  reached_server story;
  auto peer = story.connects({.address = port_90, .high_water_mark_bytes = 1000});
  auto large = story.handler.asks(peer, an::write{an::text(std::string(300'000, 'x'))});
  story.handler.expects<an::connected>();
  CHECK_FALSE(large.value<an::written>().keep_going);
  story.handler.expects<an::drain>();
}

TEST_CASE("writes fail with what kept the connect from being made") {
  reached_server story;
  story.w.network().refuse_connects(at_90);
  auto peer = story.connects();
  auto write = story.handler.asks(peer, an::write{an::text("x")});
  auto finish = story.handler.asks(peer, an::finish{});
  story.handler.sends(peer, an::write{an::text("plain")});
  CHECK(write.failure().code() == "ECONNREFUSED");
  CHECK(finish.failure().code() == "ECONNREFUSED");
  CHECK(story.handler.expects<an::write_failed>().bytes == 5);
  CHECK(failure_of(story).code() == "ECONNREFUSED");
}

TEST_CASE("of a name's addresses the next is tried when one fails") {
  reached_server story;
  story.w.network().add_host("two.example", {other_host, at_90}, 100ms);
  story.w.network().refuse_connects(other_host);
  story.connects({.address = "tcp://two.example:90"});
  CHECK(story.handler.expects<an::connected>().remote == at_90);
}

TEST_CASE("when all addresses of a name fail, the error names each") {
  reached_server story;
  story.w.network().add_host("two.example", {other_host, at_90});
  story.w.network().refuse_connects(other_host);
  story.w.network().fail_connects(at_90, EHOSTUNREACH);
  story.connects({.address = "tcp://two.example:90"});
  auto why = failure_of(story);
  using Catch::Matchers::ContainsSubstring;
  CHECK_THAT(why.message(), ContainsSubstring("127.0.0.2:90 ECONNREFUSED"));
  CHECK_THAT(why.message(), ContainsSubstring("127.0.0.1:90 EHOSTUNREACH"));
}

TEST_CASE("a family chooses among a name's addresses") {
  reached_server story;
  story.w.network().add_host("both.example", {endpoint::loopback_ipv6(0), at_90});
  story.connects({.address = "tcp://both.example:90", .family = an::net::address_family::ipv4});
  CHECK(story.handler.expects<an::connected>().remote == at_90);
}

TEST_CASE("a name that nobody knows fails as ENOTFOUND") {
  reached_server story;
  story.connects({.address = "tcp://nowhere.example:90"});
  auto why = failure_of(story);
  CHECK(why.code() == "ENOTFOUND");
  CHECK(why.kind == an::trouble::not_resolved);
  CHECK(why.address == "nowhere.example");
}

TEST_CASE("a name server that is silent is covered by the deadline") {
  reached_server story;
  story.w.network().silence_name("slow.example");
  auto from = story.w.network().now();
  story.connects({.address = "tcp://slow.example:90", .connect_timeout = 2s});
  auto why = failure_of(story);
  CHECK(story.w.network().now() - from == 2s);
  CHECK(why.code() == "ETIMEDOUT");
  CHECK(why.address == "slow.example");
  CHECK(why.port == 90);
}

TEST_CASE("a name server that is silent is given half a minute") {
  reached_server story;
  story.w.network().silence_name("slow.example");
  auto timeout = GENERATE(0s, 31s);
  auto from = story.w.network().now();
  auto peer = story.connects({.address = "tcp://slow.example:90", .connect_timeout = timeout});
  auto write = story.handler.asks(peer, an::write{an::text("x")});
  auto why = failure_of(story);
  CHECK(story.w.network().now() - from == 30s);
  CHECK(why.kind == an::trouble::timed_out);
  CHECK(why.syscall == "getaddrinfo");
  CHECK(why.code() == "ETIMEDOUT");
  CHECK(why.address == "slow.example");
  CHECK(why.port == 90);
  CHECK(write.failure().syscall == "getaddrinfo");
}

TEST_CASE("the deadline for a name is no deadline for the connect that follows") {
  reached_server story;
  story.w.network().add_host("late.example", {at_90}, 29s);
  story.w.network().hang_connects(at_90);
  story.connects({.address = "tcp://late.example:90"});
  story.w.pass(1h);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("destroy while a name is looked up") {
  reached_server story;
  story.w.network().add_host("late.example", {at_90}, 10s);
  auto peer = story.connects({.address = "tcp://late.example:90"});
  story.w.pass(1s);
  story.handler.sends(peer, an::destroy{});
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
  story.w.pass(1min);
  CHECK(story.handler.has_no_event());
  CHECK(story.server.waiting() == 0);
}

TEST_CASE("options apply to who connects: address, no-delay, keep-alive") {
  reached_server story;
  story.connects({.address = port_90,
                  .from = "tcp://127.0.0.3:4000",
                  .no_delay = true,
                  .keep_alive = an::keep_alive_options{true, 7s}});
  auto local = story.handler.expects<an::connected>().local;
  CHECK(to_string(local) == "127.0.0.3:4000");
  auto settings = story.w.network().settings_of(local, at_90);
  REQUIRE(settings);
  CHECK(settings->no_delay == true);
  REQUIRE(settings->keep_alive);
  CHECK(settings->keep_alive->delay == 7s);
}

TEST_CASE("pause_on_connect and half-open hold for who connects, too") {
  reached_server story;
  auto peer =
      story.connects({.address = port_90, .allow_half_open = true, .pause_on_connect = true});
  story.handler.expects<an::connected>();
  auto server = story.accepted_one();
  server.sends("hello");
  server.finishes();
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.handler.sends(peer, an::resume{});
  CHECK(story.handler.expects_bytes(5) == "hello");
  story.handler.expects<an::end>();
  story.w.pass(1s);
  CHECK_FALSE(server.got_end());
}

TEST_CASE("pause while connecting is remembered") {
  reached_server story;
  auto peer = story.connects();
  story.handler.sends(peer, an::pause{});
  story.handler.expects<an::connected>();
  story.accepted_one().sends("hello");
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("without descriptors a connect fails with EMFILE") {
  reached_server story;
  story.w.network().limit_descriptors(0);
  story.connects();
  CHECK(failure_of(story).code() == "EMFILE");
}

TEST_CASE("addresses that make no sense are refused at once, with a sentence") {
  reached_server story;
  auto refuses = [&](an::connect_options chosen) {
    auto made = story.w.net().connect(std::move(chosen), story.handler.actor());
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == an::trouble::invalid_argument);
    CHECK_FALSE(made.error().message().empty());
  };
  refuses({.address = ""});
  refuses({.address = "tcp://127.0.0.1"});
  refuses({.address = "tcp://127.0.0.1:65536"});
  refuses({.address = "tcp://*:80"});
  refuses({.address = "udp4://127.0.0.1:80"});
  refuses({.address = port_90, .from = "nonsense"});
  refuses({.address = port_90, .from = "tcp://some.name:0"});
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a unix name is connected to as an address is") {
  reached_server story;
  auto name = *endpoint::unix_abstract("a-name");
  auto server = *story.w.network().peer_listens(name);
  story.connects({.address = "unix:@a-name"});
  CHECK(story.handler.expects<an::connected>().remote == name);
  story.connects({.address = "unix:@nobody"});
  CHECK(failure_of(story).code() == "ECONNREFUSED");
}
