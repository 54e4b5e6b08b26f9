// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/udp_story.hpp"

#include <cerrno>
#include <chrono>
#include <stop_token>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::udp_story;
using an::test::world;
using an::testkit::probe;

namespace {

const auto at_6000 = udp_story::here(6000);
const auto at_6001 = udp_story::here(6001);

} // namespace

TEST_CASE("a connected endpoint sends without a destination and hears of its peer only") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  auto other = story.peer_at(at_6001);
  auto ask = [&](auto command) { return story.handler.asks(story.at, command); };
  CHECK(ask(an::send{an::text("x")}).failure().code() == "ENOTCONN");
  ask(an::connect{at_6000}).done();
  CHECK(story.handler.expects<an::udp_connected>().remote == at_6000);
  CHECK(ask(an::get_address{}).value<an::addresses>().remote == at_6000);
  CHECK(ask(an::send{an::text("x")}).value<an::sent>().bytes == 1);
  CHECK(ask(an::send{an::text("x"), at_6000}).failure().code() == "EISCONN");
  CHECK(ask(an::connect{at_6001}).failure().code() == "EISCONN");
  REQUIRE(other.sends(udp_story::here(5000), "not told"));
  REQUIRE(peer.sends(udp_story::here(5000), "told"));
  CHECK(story.handler.expects<an::datagram>().bytes.view() == "told");
  story.settle(); // the other's is lost by now
  CHECK(peer.received().size() == 1);

  ask(an::disconnect{}).done();
  CHECK(ask(an::disconnect{}).failure().code() == "ENOTCONN");
  auto both = ask(an::get_address{}).value<an::addresses>();
  CHECK(both.remote == endpoint());
  CHECK(both.local.port() == 5000);
  REQUIRE(other.sends(udp_story::here(5000), "told now"));
  CHECK(story.handler.expects<an::datagram>().bytes.view() == "told now");
  CHECK(ask(an::send{an::text("x")}).failure().code() == "ENOTCONN");
}

TEST_CASE("connect binds, and tells of that first") {
  udp_story story({.address = "udp4:"});
  auto peer = story.peer_at(at_6000);
  auto done = story.handler.asks(story.at, an::connect{at_6000});
  auto local = story.handler.expects<an::udp_listening>().local;
  CHECK(local.port() != 0);
  auto connected = story.handler.expects<an::udp_connected>();
  CHECK(connected.remote == at_6000);
  CHECK(connected.local.port() == local.port());
  done.done();
}

TEST_CASE("a port that was chosen survives disconnect") {
  udp_story story({.address = "udp4:"});
  story.handler.asks(story.at, an::connect{at_6000}).done();
  auto port = story.handler.expects<an::udp_listening>().local.port();
  story.handler.asks(story.at, an::disconnect{}).done();
  CHECK(story.handler.asks(story.at, an::get_address{}).value<an::addresses>().local.port() ==
        port);
}

TEST_CASE("what is sent while the name of the peer is asked for waits, in order") {
  udp_story story({.address = "udp4:"});
  auto peer = story.peer_at(at_6000);
  story.w.network().add_host("peer.test", {udp_story::here(0)}, 5ms);
  auto done = story.handler.asks(story.at, an::connect{{"peer.test", 6000}});
  auto first = story.handler.asks(story.at, an::send{an::text("1")});
  auto second = story.handler.asks(story.at, an::send{an::text("2")});
  CHECK(story.info().state == an::udp_state::connecting);
  auto again = story.handler.asks(story.at, an::connect{at_6001});
  CHECK(again.failure().code() == "EISCONN");
  CHECK_FALSE(done.answered());
  done.done();
  CHECK(first.value<an::sent>().bytes == 1);
  CHECK(second.value<an::sent>().bytes == 1);
  story.settle();
  REQUIRE(peer.received().size() == 2);
  CHECK(peer.received()[0].bytes == "1");
}

TEST_CASE("a connect that fails fails what waits for it, and may be tried again") {
  udp_story story;
  auto done = story.handler.asks(story.at, an::connect{{"peer.test", 6000}});
  auto waiting = story.handler.asks(story.at, an::send{an::text("1")});
  CHECK(done.failure().code() == "ENOTFOUND");
  CHECK(waiting.failure().code() == "ENOTFOUND");
  story.handler.sends(story.at, an::connect{{"peer.test", 6000}});
  CHECK(story.handler.expects<an::udp_failed>().why.code() == "ENOTFOUND");
  story.handler.asks(story.at, an::connect{at_6000}).done();
  story.handler.expects<an::udp_connected>();
}

TEST_CASE("what the network bounces is told by a connected endpoint, which goes on") {
  udp_story story;
  story.handler.asks(story.at, an::connect{at_6000}).done();
  story.handler.expects<an::udp_connected>();
  for (int i = 0; i < 3; ++i) {
    auto answer = story.handler.asks(story.at, an::send{an::text("x")});
    CHECK(answer.value<an::sent>().bytes == 1); // it left; that nobody is there is heard later
    auto why = story.handler.expects<an::udp_failed>().why;
    CHECK(why.code() == "ECONNREFUSED");
    CHECK(why.address == "127.0.0.1");
    CHECK(why.port == 6000);
  }
  auto peer = story.peer_at(at_6000);
  REQUIRE(peer.sends(udp_story::here(5000), "here I am"));
  CHECK(story.handler.expects<an::datagram>().bytes.view() == "here I am");
}

TEST_CASE("an endpoint that is not connected is not disturbed by dead destinations") {
  udp_story story;
  auto peer = story.peer_at(at_6001);
  for (int i = 0; i < 10; ++i) {
    CHECK(story.handler.asks(story.at, an::send{an::text("x"), at_6000}).value<an::sent>().bytes ==
          1);
    CHECK(story.handler.asks(story.at, an::send{an::text("y"), at_6001}).value<an::sent>().bytes ==
          1);
  }
  story.settle();
  CHECK(peer.received().size() == 10);
  CHECK(story.handler.has_no_event());
}

TEST_CASE("an endpoint may be opened connected") {
  world w;
  w.network().add_host("peer.test", {udp_story::here(0)}, 5ms);
  for (const char* to : {"127.0.0.1:6000", "localhost:6000", "peer.test:6000"}) {
    probe handler(w);
    auto at = *w.net().open_udp({.address = "udp4:", .connect_to = to}, handler.actor());
    handler.expects<an::udp_listening>();
    CHECK(handler.expects<an::udp_connected>().remote == at_6000);
  }
}

TEST_CASE("an endpoint that cannot be connected as it was to is over") {
  world w;
  probe handler(w);
  auto at = *w.net().open_udp({.address = "udp4:", .connect_to = "no.test:1"}, handler.actor());
  auto early = handler.asks(at, an::send{an::text("x")});
  handler.expects<an::udp_listening>();
  CHECK(early.failure().code() == "ENOTFOUND");
  CHECK(handler.expects<an::udp_failed>().why.code() == "ENOTFOUND");
  auto closed = handler.expects<an::udp_closed>();
  CHECK(closed.had_error);
  CHECK(closed.reason == an::udp_close_reason::failed);
  CHECK(w.network().open_descriptors() == 0);
}

// -- the end --------------------------------------------------------------------------------------

TEST_CASE("close is answered, and closed comes once and last") {
  udp_story story;
  auto peer = story.peer_at(at_6000);
  auto first = story.handler.asks(story.at, an::close{});
  auto second = story.handler.asks(story.at, an::close{});
  first.done();
  second.done();
  auto closed = story.handler.expects<an::udp_closed>();
  CHECK_FALSE(closed.had_error);
  CHECK(closed.at == story.at);
  REQUIRE(peer.sends(udp_story::here(5000), "too late"));
  story.settle();
  CHECK(story.handler.has_no_event());
  story.handler.asks(story.at, an::close{}).done();
  auto ask = [&](auto command) { return story.handler.asks(story.at, command).failure().code(); };
  CHECK(ask(an::send{an::text("x"), at_6000}) == "ENOTCONN");
  CHECK(ask(an::connect{at_6000}) == "ENOTCONN");
  CHECK(ask(an::get_address{}) == "ENOTCONN");
  CHECK(ask(an::set_ttl{1}) == "ENOTCONN");
  CHECK(ask(an::join{"224.1.2.3"}) == "ENOTCONN");
  CHECK(ask(an::split_off{at_6000}) == "ENOTCONN");
  CHECK(story.info().state == an::udp_state::closed);
  CHECK(story.w.net().open_udp({.address = "udp4://0.0.0.0:5000"}, caf::actor()));
}

TEST_CASE("an unbound endpoint closes, too") {
  udp_story story({.address = "udp6:"});
  story.handler.asks(story.at, an::close{}).done();
  CHECK_FALSE(story.handler.expects<an::udp_closed>().had_error);
}

TEST_CASE("no datagram is told behind a close that its handler sent") {
  world w;
  int told = 0;
  auto counts = [&told](caf::event_based_actor* self, an::udp_endpoint at) -> caf::behavior {
    return {[=, &told](const an::datagram&) {
      ++told;
      self->send(at, an::set_ttl{3});
      self->send(at, an::close{});
    }};
  };
  auto at = *w.net().open_udp({.address = "udp4://0.0.0.0:5000"}, counts);
  probe asker(w);
  asker.asks(at, an::pause{}).done();
  auto peer = *w.network().peer_opens({.bind_to = at_6000});
  for (int i = 0; i < 5; ++i)
    REQUIRE(peer.sends(udp_story::here(5000), "x"));
  w.pass(10ms);
  asker.sends(at, an::resume{});
  w.pass(10ms);
  if (an::test::chosen_delivery() == an::delivery::in_place)
    CHECK(told == 1);
  else
    CHECK(told >= 1); // what was in its mailbox already
  auto info = asker.asks(at, an::get_info{}).value<an::udp_info>();
  CHECK(info.state == an::udp_state::closed);
}

TEST_CASE("a handler that fails takes its endpoint down, one that quits lets it send first") {
  for (bool fails : {true, false}) {
    udp_story story;
    auto peer = story.peer_at(at_6000);
    story.handler.sends(story.at, an::send{an::text("last words"), at_6000});
    story.handler.dies(fails ? caf::make_error(caf::sec::runtime_error) : caf::error());
    CHECK(story.w.run_until([&] { return story.w.network().open_descriptors() == 0; }));
    story.settle();
    if (!fails)
      CHECK(peer.received().size() == 1);
  }
}

TEST_CASE("a handler that throws when it is made is told of by nobody, and the endpoint is gone") {
  world w;
  auto throws = [](caf::actor_system&, an::udp_endpoint) -> caf::actor {
    throw std::runtime_error("no");
  };
  auto at = *w.net().open_udp({.address = "udp4://0.0.0.0:5000"}, throws);
  w.settle();
  probe asker(w);
  CHECK(asker.asks(at, an::get_info{}).value<an::udp_info>().state == an::udp_state::closed);
  CHECK(w.network().open_descriptors() == 0);
}

TEST_CASE("a stop token closes an endpoint at once, or keeps it from being opened") {
  std::stop_source source;
  udp_story story({.address = "udp4://0.0.0.0:5000", .abort = source.get_token()});
  source.request_stop();
  CHECK(story.handler.expects<an::udp_failed>().why.code() == "ECANCELED");
  CHECK(story.handler.expects<an::udp_closed>().reason == an::udp_close_reason::aborted);
  auto refused =
      story.w.net().open_udp({.address = "udp4:", .abort = source.get_token()}, caf::actor());
  CHECK(refused.error().code() == "ECANCELED");
}
