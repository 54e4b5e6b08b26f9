// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/guarded_server.hpp"

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::guarded_server;

namespace {

/// Lets time pass until there is an event other than progress; throws unless it is an `Event`.
template <class Event> Event expects_beside_progress(an::testkit::probe& owner) {
  for (int told = 0; told < 20; ++told)
    try {
      return owner.expects<Event>();
    } catch (const an::testkit::unexpected_message& other) { // taken all the same
      REQUIRE_THAT(other.what(), Catch::Matchers::ContainsSubstring("drain_progress"));
    }
  throw std::logic_error("nothing but progress");
}

} // namespace

TEST_CASE("handlers are told that the server drains, and what they answer still leaves") {
  guarded_server story({});
  auto one = story.served_client();
  auto stop = story.owner.asks(story.server, an::stop{5000});
  auto told = story.handler.expects<an::draining>();
  CHECK(told.peer == one.handle);
  CHECK(told.deadline_ms == 5000);
  story.handler.sends(one.handle, an::write{an::text("goodbye")});
  story.w.pass(1s);
  CHECK(one.peer.received() == "goodbye");
  CHECK_FALSE(one.peer.got_end()); // the event is still in our hands
  told.handled.reset();
  story.w.pass(1s);
  CHECK(one.peer.got_end());
  one.peer.finishes();
  auto report = stop.value<an::stopped>();
  CHECK(report.finished == 1);
  CHECK(report.forced == 0);
  CHECK(report.served == 1);
}

TEST_CASE("idle connections go first, then who is done, and the rest at the deadline") {
  guarded_server story({});
  auto idle = story.served_client();
  auto busy = story.served_client();
  auto stuck = story.served_client();
  std::map<an::connection, std::optional<an::draining>> held;
  auto from = story.w.network().now();
  auto stop = story.owner.asks(story.server, an::stop{3000});
  for (int i = 0; i < 3; ++i) {
    auto told = story.handler.expects<an::draining>();
    if (told.peer != idle.handle)
      held[told.peer] = told;
  }
  story.w.pass(100ms);
  CHECK(idle.peer.got_end());
  idle.peer.finishes();
  story.handler.expects<an::end>();
  CHECK(story.handler.expects<an::closed>().peer == idle.handle);
  CHECK_FALSE(busy.peer.got_end());
  story.handler.sends(busy.handle, an::write{an::text("the answer")});
  held[busy.handle].reset();
  story.w.pass(100ms);
  CHECK(busy.peer.received() == "the answer");
  CHECK(busy.peer.got_end());
  busy.peer.finishes();
  story.handler.expects<an::end>();
  CHECK(story.handler.expects<an::closed>().peer == busy.handle);
  CHECK_FALSE(stuck.peer.got_end());
  auto report = stop.value<an::stopped>();
  CHECK(story.w.network().now() - from == 3s);
  CHECK(report.finished == 2);
  CHECK(report.forced == 1);
  CHECK(report.served == 3);
  held.clear();
}

TEST_CASE("at the deadline the rest is reset, if that is wished") {
  guarded_server story({});
  auto one = story.served_client();
  auto stop = story.owner.asks(story.server, an::stop{1000, true});
  CHECK(stop.value<an::stopped>().forced == 1);
  story.w.pass(1s);
  CHECK(one.peer.was_reset());
}

TEST_CASE("the owner hears how far it has come, until nothing is left") {
  guarded_server story({});
  auto first = story.served_client();
  story.served_client();
  auto stop = story.owner.asks(story.server, an::stop{4000});
  auto at_first = story.owner.expects<an::drain_progress>();
  CHECK(at_first.from == caf::actor_cast<caf::actor>(story.server));
  CHECK(at_first.left == 2);
  CHECK(at_first.finished == 0);
  first.peer.finishes();
  story.handler_catches_up();
  story.w.pass(50ms);
  story.handler_catches_up();
  auto later = story.owner.expects<an::drain_progress>();
  CHECK(later.left == 1);
  CHECK(later.finished == 1);
  CHECK(stop.value<an::stopped>().forced == 1);
  expects_beside_progress<an::listener_closed>(story.owner);
  CHECK(story.owner.has_no_event());
}

TEST_CASE("while a server drains, nobody is accepted") {
  guarded_server story({});
  auto one = story.served_client();
  auto stop = story.owner.asks(story.server, an::stop{2000});
  story.w.pass(100ms);
  auto late = story.client();
  story.w.pass(100ms);
  CHECK(late.refused());
  stop.value<an::stopped>();
}

TEST_CASE("stop of a broker stops all its listeners, and sums up") {
  guarded_server story({}, {}, {.loops = 2});
  story.listens(81);
  auto first = story.served_client("10.0.0.1", 80);
  auto second = story.served_client("10.0.0.1", 81);
  auto third = story.served_client("10.0.0.1", 81);
  auto stop = story.broker_owner.asks(story.broker, an::stop{2000});
  auto progress = story.broker_owner.expects<an::drain_progress>();
  CHECK(progress.from == caf::actor_cast<caf::actor>(story.broker));
  CHECK(progress.left == 3);
  first.peer.finishes();
  third.peer.finishes();
  story.w.pass(50ms);
  story.handler_catches_up();
  auto report = stop.value<an::stopped>();
  CHECK(report.finished == 2);
  CHECK(report.forced == 1);
  CHECK(report.served == 3);
  auto late = story.client("10.0.0.1", 81);
  story.w.pass(100ms);
  CHECK(late.refused());
  CHECK(story.count() == 0);
}

TEST_CASE("stop of a broker without listeners is answered at once") {
  an::test::world w;
  an::testkit::probe owner(w);
  auto broker = *w.net().make_broker({});
  CHECK(owner.asks(broker, an::stop{}).value<an::stopped>().served == 0);
}

TEST_CASE("stop_all stops listeners, and connections that nobody listened for") {
  guarded_server story({}, {}, {.loops = 2});
  auto elsewhere = *story.w.network().peer_listens(an::net::endpoint::loopback_ipv4(90));
  auto silent = an::net::endpoint::loopback_ipv4(91);
  story.w.network().hang_connects(silent);
  an::testkit::probe clients(story.w);
  auto open = *story.w.net().connect({.address = "tcp://127.0.0.1:90"}, clients.actor());
  clients.expects<an::connected>();
  auto connecting = *story.w.net().connect({.address = "tcp://127.0.0.1:91"}, clients.actor());
  auto served = story.served_client();
  an::testkit::probe whom(story.w);
  story.w.net().stop_all({1000}, whom.actor());
  CHECK(whom.expects<an::drain_progress>().left >= 2);
  served.peer.finishes();
  story.w.pass(50ms);
  story.handler_catches_up();
  auto report = expects_beside_progress<an::stopped>(whom);
  CHECK(report.finished == 2); // who was served, and who was connecting
  CHECK(report.forced == 1);
  CHECK(report.served == 3);
  CHECK(whom.has_no_event());
}

TEST_CASE("stop_all with nothing to stop reports at once") {
  an::test::world w;
  an::testkit::probe whom(w);
  w.net().stop_all({}, whom.actor());
  CHECK(whom.expects<an::stopped>().served == 0);
}

TEST_CASE(
    "a connection that is told to wind down while it connects ends, and when closed says so") {
  an::test::world w;
  w.network().hang_connects(an::net::endpoint::loopback_ipv4(90));
  an::testkit::probe handler(w);
  auto peer = *w.net().connect({.address = "tcp://127.0.0.1:90"}, handler.actor());
  handler.asks(peer, an::wind_down{1000}).done();
  CHECK(handler.expects<an::closed>().reason == an::close_reason::destroyed);
  CHECK(handler.asks(peer, an::wind_down{1000}).failure().code() == "ENOTCONN");
}

TEST_CASE("hundreds of connections in mixed states are drained by the deadline, and counted") {
  guarded_server story({}, {.address = "", .allow_half_open = true}, {.loops = 3});
  constexpr std::size_t each_kind = 50;
  std::vector<guarded_server::served> all;
  for (std::size_t i = 0; i < 4 * each_kind; ++i)
    all.push_back(story.served_client());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % 4 == 0)
      all[i].peer.finishes(); // half closed already
    if (i % 4 == 1)
      all[i].peer.stops_reading();
    if (i % 4 == 1)
      story.handler.sends(all[i].handle, an::write{an::text(std::string(500'000, 'x'))});
  }
  story.w.pass(1s);
  auto from = story.w.network().now();
  auto stop = story.owner.asks(story.server, an::stop{2000});
  story.w.pass(100ms);
  story.handler_catches_up();
  for (std::size_t i = 2; i < all.size(); i += 4)
    all[i].peer.finishes();
  story.w.pass(100ms);
  story.handler_catches_up();
  auto report = stop.value<an::stopped>();
  CHECK(story.w.network().now() - from <= 2s);
  CHECK(report.served == 4 * each_kind);
  CHECK(report.forced == 2 * each_kind); // who does not read, and who does not finish
  CHECK(report.finished == 2 * each_kind);
}
