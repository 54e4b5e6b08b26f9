// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/system_messages.hpp>

#include <memory>
#include <stdexcept>
#include <string>

// Handlers that fail, factories that fail, and a listener that goes on: one bad connection hurts no
// other, and whatever goes wrong is an event.

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::port_80;

namespace {

/// A server whose handlers do what the client says: echo, throw, quit with an error, exit.
caf::behavior obedient(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) {
    auto word = event.bytes.view();
    if (word == "throw")
      throw std::runtime_error("the handler's own mistake");
    if (word == "quit")
      self->quit(caf::make_error(caf::sec::runtime_error, "no more"));
    else if (word == "exit")
      self->send_exit(self, caf::exit_reason::kill);
    else
      self->send(peer, an::write{event.bytes});
  }};
}

/// A handler that throws in the event of that name.
caf::behavior throwing_in(const std::string& name, const std::shared_ptr<int>& thrown,
                          caf::event_based_actor* self, const an::connection& peer) {
  auto at = [name, thrown](const char* event) {
    if (name != event)
      return;
    ++*thrown;
    throw std::runtime_error("thrown in " + name);
  };
  return {[=](const an::connected&) {
            at("connected");
            if (name == "drain")
              self->send(peer, an::write{an::text(std::string(200'000, 'x'))});
          },
          [=](const an::data&) {
            at("data");
            self->send(peer, an::write{an::text(std::string(200'000, 'x'))});
          },
          [=](const an::end&) { at("end"); },
          [=](const an::timeout&) { at("timeout"); },
          [=](const an::drain&) { at("drain"); },
          [=](const an::draining&) { at("draining"); },
          [=](const an::write_failed&) { at("write_failed"); },
          [=](const an::failed&) { at("failed"); },
          [=](const an::closed&) { at("closed"); }};
}

struct supervised_server {
  explicit supervised_server(const an::handler& made, an::listen_options how = {}) {
    how.address = port_80;
    how.owner = owner.actor();
    server = *w.net().listen(std::move(how), made);
    owner.expects<an::listening>();
  }

  an::net::simulated_peer client(const std::string& word) {
    auto made = w.network().peer_connects(at_80);
    made.sends(word);
    last = owner.expects<an::accepted>().peer;
    return made;
  }

  void echoes(an::net::simulated_peer client, const std::string& word) {
    CHECK(w.run_until([&] { return client.received() == word; }, 10s));
  }

  /// As if an actor had died that the listener is linked to.
  void ends_with(const caf::error& reason) {
    owner.sends(server, caf::exit_msg{caf::actor_addr(), reason});
  }

  an::test::world w;
  an::testkit::probe owner{w};
  an::listener server;
  an::connection last;
};

} // namespace

TEST_CASE(
    "a handler that throws, quits with an error or is killed is an event, and hurts no other") {
  supervised_server story(obedient);
  auto before = story.client("before");
  for (const std::string word : {"throw", "quit", "exit"}) {
    CAPTURE(word);
    auto bad = story.client(word);
    auto event = story.owner.expects<an::handler_failed>();
    CHECK(event.from == story.server);
    CHECK(event.peer == story.last);
    CHECK(event.why.kind == an::trouble::handler_failed);
    CHECK_FALSE(event.why.message().empty());
    story.w.pass(1s);
    CHECK((bad.got_end() || bad.was_reset()));
  }
  auto after = story.client("after");
  story.echoes(before, "before");
  story.echoes(after, "after");
  before.sends(" and still");
  story.echoes(before, "before and still");
}

namespace {

/// A server whose second client has a handler that throws in one event, and whose others echo.
struct throwing_server : supervised_server {
  explicit throwing_server(const std::string& event,
                           const std::shared_ptr<int>& thrown = std::make_shared<int>(0))
      : supervised_server(an::handler([event, thrown, made = std::make_shared<int>(0)](
                                          caf::event_based_actor* self, an::connection peer) {
                            return ++*made == 2 ? throwing_in(event, thrown, self, peer)
                                                : obedient(self, peer);
                          }),
                          {.address = "", .idle_timeout = 5s}),
        good(client("good")) {
    echoes(good, "good");
  }

  void goes_on() {
    good.sends(" and still");
    echoes(good, "good and still");
    echoes(client("after"), "after");
  }

  an::net::simulated_peer good;
};

} // namespace

TEST_CASE("a handler that throws in any event of a live connection is told, and hurts no other") {
  for (const std::string event : {"connected", "data", "end", "timeout", "drain"}) {
    CAPTURE(event);
    throwing_server story(event);
    auto bad = event == "data" ? story.client("x") : story.client("");
    if (event == "end")
      bad.finishes();
    auto told = story.owner.expects<an::handler_failed>();
    CHECK(told.peer == story.last);
    CHECK(told.why.detail.find("thrown in " + event) != std::string::npos);
    story.w.pass(1s);
    CHECK((bad.got_end() || bad.was_reset()));
    story.goes_on();
  }
}

TEST_CASE("a handler that throws because its server drains is told, and the drain goes on") {
  throwing_server story("draining");
  story.client("");
  story.w.pass(1s);
  auto asked = story.owner.asks(story.server, an::stop{2000});
  story.owner.expects<an::drain_progress>();
  auto why = story.owner.expects<an::handler_failed>().why;
  CHECK(why.detail.find("thrown in draining") != std::string::npos);
  story.good.finishes();
  auto report = asked.value<an::stopped>();
  CHECK(report.finished == 2);
  CHECK(report.forced == 0);
}

TEST_CASE("a handler that throws when its connection is over takes nothing else along") {
  for (const std::string event : {"write_failed", "failed", "closed"}) {
    CAPTURE(event);
    auto thrown = std::make_shared<int>(0);
    throwing_server story(event, thrown);
    auto bad = story.client("x");
    bad.stops_reading();
    story.w.pass(1s);
    bad.resets();
    story.w.pass(1s);
    CHECK(*thrown == 1);
    CHECK(story.owner.has_no_event()); // no handler_failed: there is no connection any more
    story.goes_on();
    CHECK(story.owner.asks(story.server, an::get_connections{}).value<an::connections>().count ==
          2);
  }
}

TEST_CASE("a handler that quits in order is no failure") {
  supervised_server story([](caf::event_based_actor* self, an::connection) -> caf::behavior {
    return {[=](const an::data&) { self->quit(); }};
  });
  auto client = story.client("x");
  story.w.pass(1s);
  CHECK(client.got_end());
  CHECK(story.owner.has_no_event());
}

TEST_CASE("a factory that throws is an event, and the next one that does not serves its client") {
  int calls = 0;
  an::handler::factory makes = [&](caf::actor_system& system, an::connection peer) -> caf::actor {
    if (++calls % 2 == 1)
      throw std::runtime_error("no handler today");
    return system.spawn(obedient, peer);
  };
  supervised_server story{an::handler(makes)};
  auto first = story.client("x");
  auto event = story.owner.expects<an::handler_failed>();
  CHECK(event.peer == story.last);
  CHECK(event.why.detail == "no handler today");
  story.echoes(story.client("second"), "second");
}

TEST_CASE("a function that throws when its handler begins is an event, too") {
  supervised_server story([](caf::event_based_actor*, an::connection) -> caf::behavior {
    throw std::logic_error("not even begun");
  });
  story.client("x");
  CHECK(story.owner.expects<an::handler_failed>().peer == story.last);
}

// -- restarts -------------------------------------------------------------------------------------

TEST_CASE("a listener goes on after an actor died that it depends on, on the same socket") {
  supervised_server story(obedient, {.address = "", .restart = {.restarts_max = 2, .within = 10s}});
  auto before = story.client("before");
  story.echoes(before, "before");
  auto dies = [&] { story.ends_with(caf::make_error(caf::sec::runtime_error, "a database")); };
  // In the backlog: he would be reset if the socket were another.
  story.owner.asks(story.server, an::pause_accepting{}).done();
  auto waiting = story.w.network().peer_connects(at_80);
  waiting.sends("waiting");
  story.w.pass(1s);
  dies();
  auto restarted = story.owner.expects<an::listener_restarted>();
  CHECK(restarted.from == story.server);
  CHECK(restarted.restarts == 1);
  CHECK_FALSE(restarted.why.message().empty());
  story.w.pass(1s);
  CHECK((before.got_end() || before.was_reset()));
  story.owner.asks(story.server, an::resume_accepting{}).done();
  story.owner.expects<an::accepted>();
  story.echoes(waiting, "waiting");
  story.echoes(story.client("after"), "after");
  story.w.pass(11s);
  for (std::uint64_t again = 1; again <= 2; ++again) { // the first is long ago
    dies();
    CHECK(story.owner.expects<an::listener_restarted>().restarts == again);
  }
  dies();
  CHECK_FALSE(story.owner.expects<an::listener_closed>().had_error);
  auto late = story.w.network().peer_connects(at_80);
  story.w.pass(1s);
  CHECK(late.refused());
}

TEST_CASE("without a restart policy, and when it is killed, a listener closes") {
  for (auto restarts : {std::size_t{0}, std::size_t{5}}) {
    supervised_server story(obedient, {.address = "", .restart = {.restarts_max = restarts}});
    story.ends_with(restarts == 0 ? caf::make_error(caf::sec::runtime_error, "a database")
                                  : caf::error(caf::exit_reason::kill));
    story.owner.expects<an::listener_closed>();
  }
}
