// SPDX-License-Identifier: BSD-3-Clause
#include "support/captured_output.hpp"
#include "support/catch.hpp"
#include "support/event_log.hpp"
#include "support/served_client.hpp"

#include "endpoint_actor.hpp"

#include <caf/actor_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_actor.hpp>
#include <caf/no_stages.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

// Actors on loops, and what becomes of an event that one of them handles where it is told. Apart
// from the first cases, which look at the short cut itself, nothing here may depend on it.

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::captured_output;
using an::test::event_log;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;
using an::test::without_chance;

namespace {

using behavior_of = std::function<caf::behavior(caf::event_based_actor*, an::connection)>;

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

/// Turns everything by hand; for handlers that never come to rest.
bool turns_until(an::test::world& w, const std::function<bool()>& condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) {
    w.net().turn();
    w.network().step();
  }
  return condition();
}

/// Asks a connection within a turn of its loop, with no queue between: what is so at that moment.
class asker_at_once final : public caf::monitorable_actor {
public:
  explicit asker_at_once(caf::actor_config& cfg) : caf::monitorable_actor(cfg) {}

  using caf::monitorable_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    answer_ = what->content().get_as<an::connection_info>(0);
  }

  /// Bytes that it was given to write and that the kernel does not have.
  static std::uint64_t buffered_by(const an::connection& peer, caf::actor_system& system) {
    caf::actor_config cfg;
    auto handle = caf::make_actor<asker_at_once, caf::actor>(system.next_actor_id(), system.node(),
                                                             &system, cfg);
    auto id = caf::make_message_id();
    auto question = caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(handle), ++id,
                                              caf::no_stages, an::get_info{});
    static_cast<an::endpoint_actor*>(caf::actor_cast<caf::abstract_actor*>(peer))
        ->receive(*question);
    auto* self = static_cast<asker_at_once*>(caf::actor_cast<caf::abstract_actor*>(handle));
    self->cleanup(caf::exit_reason::normal, nullptr);
    return self->answer_.buffered;
  }

private:
  an::connection_info answer_;
};

} // namespace

// -- the short cut --------------------------------------------------------------------------------

TEST_CASE("in place, an event is handled in the turn that tells it") {
  std::string got;
  auto told_after_one_turn = [&](an::delivery how) {
    got.clear();
    auto options = without_chance();
    options.events = how;
    an::testkit::world w(options);
    auto notes = [&](caf::event_based_actor*, an::connection) -> caf::behavior {
      return {[&](const an::data& event) { got += event.bytes.view(); }};
    };
    w.net().listen({.address = port_80}, notes).value();
    auto client = w.network().peer_connects(at_80);
    w.pass(1s);
    client.sends("hello");
    w.network().advance_to(w.network().now() + 1s);
    w.net().turn();
    return std::string(got); // the end of the world has the rest handled
  };
  CHECK(told_after_one_turn(an::delivery::in_place) == "hello");
  CHECK(told_after_one_turn(an::delivery::plain).empty());
}

TEST_CASE("in place, what a handler writes is with the socket before its turn is over") {
  auto buffered_within_the_turn = [](an::delivery how, bool as_text = false) {
    auto options = without_chance();
    options.events = how;
    an::testkit::world w(options);
    std::uint64_t buffered = 0;
    auto echoes = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      return {[&, self, peer](const an::data& event) {
        if (as_text)
          self->send(peer, an::write_text{std::string(event.bytes.view())});
        else
          self->send(peer, an::write{event.bytes});
        buffered = asker_at_once::buffered_by(peer, w.system());
      }};
    };
    w.net().listen({.address = port_80}, echoes).value();
    auto client = w.network().peer_connects(at_80);
    client.sends("hello");
    w.pass(1s);
    CHECK(client.received() == "hello");
    return buffered;
  };
  CHECK(buffered_within_the_turn(an::delivery::in_place) == 5);
  CHECK(buffered_within_the_turn(an::delivery::in_place, true) == 5);
  CHECK(buffered_within_the_turn(an::delivery::plain) == 0);
}

TEST_CASE("a handler may take the bytes out of its event, which lets go of them") {
  std::vector<an::chunk> taken;
  auto takes = [&](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {[&](an::data& event) { taken.push_back(std::move(event.bytes)); }};
  };
  served_client story({.address = port_80, .receive_window_bytes = 1}, {}, takes);
  auto sent = pattern(1'000'000);
  story.client.sends(sent);
  story.w.pass(1min);
  REQUIRE(taken.size() == 1); // its block fills the window
  std::string got;
  while (!taken.empty()) {
    for (auto& each : std::exchange(taken, {}))
      got += each.view();
    story.w.pass(1s);
  }
  CHECK(got == sent);
}

TEST_CASE("the bytes of an event are free when it was handled") {
  served_client story({.address = port_80, .receive_window_bytes = 1}, {}, echo);
  auto sent = pattern(100'000);
  story.client.sends(sent);
  story.w.pass(1min);
  CHECK(story.client.received() == sent);
  CHECK(story.info().window_held == 0);
}

// -- turns ----------------------------------------------------------------------------------------

TEST_CASE("no handler of a loop runs within the turn of another, whatever they send each other") {
  int depth = 0;
  int deepest = 0;
  auto turn = [&](const std::function<void()>& acts) {
    deepest = std::max(deepest, ++depth);
    acts();
    --depth;
  };
  served_client story({.address = port_80}, without_chance(), caf::actor());
  std::vector<an::connection> peers;
  std::size_t handled = 0;
  caf::actor hub = story.w.net().spawn_on_loop([&](caf::event_based_actor* self) -> caf::behavior {
    return {
        [&, self](const an::data& event) {
          turn([&] {
            for (const auto& each : peers)
              self->send(each, an::write{event.bytes});
            self->send(self, 1);
          });
        },
        [&](const an::connected& event) { turn([&] { peers.push_back(event.peer); }); },
        [&](const an::end&) { turn([] {}); },
        [&](int) { turn([&] { ++handled; }); },
    };
  });
  auto joins = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[&, self, peer](const an::data&) {
      turn([&] {
        self->send(peer, an::set_handler{hub}); // who is told `connected` by it
        self->send(hub, 1);
        self->send(peer, an::write{an::text("joined")});
      });
    }};
  };
  story.w.net().listen({.address = "tcp://127.0.0.1:81"}, joins).value();
  std::vector<an::net::simulated_peer> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(story.w.network().peer_connects(an::net::endpoint::loopback_ipv4(81)));
    clients.back().sends("join");
  }
  story.w.pass(1s);
  clients[0].sends("to all");
  story.w.pass(1s);
  clients[1].finishes();
  story.w.pass(1s);
  for (auto& each : clients)
    CHECK(each.received() == "joinedto all");
  CHECK(handled == 4);
  CHECK(deepest == 1);
  peers.clear();
}

TEST_CASE("a handler that is never done with messages to itself starves no other connection") {
  for (bool commands_too : {false, true}) {
    int to_itself = 0;
    auto restless = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      return {[=](const an::connected&) { self->send(self, 1); },
              [=, &to_itself](int) {
                ++to_itself;
                self->send(self, 1);
                if (commands_too)
                  self->send(peer, an::get_address{});
              }};
    };
    an::test::world w;
    w.net().listen({.address = port_80}, restless).value();
    w.net().listen({.address = "tcp://127.0.0.1:81"}, echo).value();
    auto first = w.network().peer_connects(at_80);
    REQUIRE(turns_until(w, [&] { return to_itself > 0; }));
    // However many there are, the sockets are looked at once in about a thousand.
    to_itself = 0;
    w.net().turn();
    CHECK(to_itself > 0);
    CHECK(to_itself < 1200);
    auto second = w.network().peer_connects(an::net::endpoint::loopback_ipv4(81));
    second.sends("let me in");
    CHECK(turns_until(w, [&] { return second.received() == "let me in"; }));
  }
}

TEST_CASE("a handler that answers each event with many writes starves no other connection") {
  auto many = [](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::data& event) {
      for (int i = 0; i < 1000; ++i)
        self->send(peer, an::write{event.bytes});
    }};
  };
  an::test::world w;
  w.net().listen({.address = port_80, .write_queue_bytes_max = 100'000}, many).value();
  w.net().listen({.address = "tcp://127.0.0.1:81"}, echo).value();
  auto first = w.network().peer_connects(at_80);
  first.stops_reading();
  first.sends(pattern(1'000'000));
  auto second = w.network().peer_connects(an::net::endpoint::loopback_ipv4(81));
  second.sends("let me in");
  CHECK(turns_until(w, [&] { return second.received() == "let me in"; }));
}

// -- what a handler may do with an event ----------------------------------------------------------

TEST_CASE("a handler is made once, before its first event") {
  std::vector<std::string> told;
  auto made = [&](caf::event_based_actor*, an::connection) -> caf::behavior {
    told.emplace_back("made");
    return {[&](const an::connected&) { told.emplace_back("connected"); },
            [&](const an::data&) { told.emplace_back("data"); }};
  };
  served_client story({.address = port_80}, {}, made);
  story.client.sends("x");
  story.w.pass(1s);
  CHECK(told == std::vector<std::string>{"made", "connected", "data"});
}

TEST_CASE("a handler may become another in the middle of an event") {
  std::string told;
  auto becomes = [&](caf::event_based_actor* self, an::connection) -> caf::behavior {
    return {[&, self](const an::data& event) {
      told += "first:" + std::string(event.bytes.view());
      self->become(
          [&](const an::data& next) { told += " then:" + std::string(next.bytes.view()); });
    }};
  };
  served_client story({.address = port_80}, without_chance(), becomes);
  story.client.sends("a");
  story.w.pass(1s);
  story.client.sends("b");
  story.w.pass(1s);
  CHECK(told == "first:a then:b");
}

TEST_CASE("events that come while a handler awaits an answer come after it, in order") {
  std::string told;
  auto awaits = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[&, self, peer](const an::data& event) {
              told += event.bytes.view();
              if (told.size() == 1)
                self->request(peer, caf::infinite, an::write{an::text(pattern(200'000))})
                    .await([&](const an::written&) { told += "(written)"; });
            },
            [&](const an::end&) { told += "(end)"; }};
  };
  served_client story({.address = port_80}, without_chance(), awaits);
  story.client.stops_reading();
  for (const char* each : {"a", "b", "c"}) {
    story.client.sends(each);
    story.w.pass(1s);
  }
  story.client.finishes();
  story.w.pass(1s);
  CHECK(told == "a");
  story.client.reads();
  story.w.pass(10s);
  CHECK(told == "a(written)bc(end)");
}

TEST_CASE("the answer of a request comes in a turn of its own") {
  std::vector<std::string> told;
  auto asks = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[&, self, peer](const an::data& event) {
      self->request(peer, caf::infinite, an::write{event.bytes}).then([&](const an::written&) {
        told.emplace_back("written");
      });
      self->request(peer, caf::infinite, an::get_info{}).then([&](const an::connection_info&) {
        told.emplace_back("info");
      });
      told.emplace_back("handled");
    }};
  };
  served_client story({.address = port_80}, without_chance(), asks);
  story.client.sends("x");
  story.w.pass(1s);
  CHECK(story.client.received() == "x");
  CHECK(told == std::vector<std::string>{"handled", "info", "written"});
}

TEST_CASE("an event may be delegated to another actor") {
  std::string got;
  served_client story({.address = port_80}, {}, caf::actor());
  auto worker = story.w.net().spawn_on_loop([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](const an::data& event) { got += event.bytes.view(); }};
  });
  auto delegates = [&](caf::event_based_actor* self, an::connection) -> caf::behavior {
    return {[&, self](const an::data& event) { return self->delegate(worker, event); }};
  };
  story.w.net().listen({.address = "tcp://127.0.0.1:81"}, delegates).value();
  auto client = story.w.network().peer_connects(an::net::endpoint::loopback_ipv4(81));
  client.sends("for the worker");
  story.w.pass(1s);
  CHECK(got == "for the worker");
}

// -- ends in the middle of an event ---------------------------------------------------------------

TEST_CASE("a handler that quits at bytes has what it wrote sent first") {
  auto quits = [](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::data&) {
      self->send(peer, an::write{an::text("bye")});
      self->quit();
    }};
  };
  served_client story({.address = port_80}, {}, quits);
  story.client.sends("more than it wants");
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK(story.client.received() == "bye");
}

TEST_CASE("a handler whose function throws at the first event takes its connection down") {
  captured_output output;
  auto throws = [](caf::event_based_actor*, an::connection) -> caf::behavior {
    throw std::logic_error("not made");
  };
  served_client story({.address = port_80}, {}, throws);
  story.w.pass(1s);
  CHECK((story.client.got_end() || story.client.was_reset()));
  CHECK(output.text().empty());
}

TEST_CASE("a write after destroy is refused, also when both are sent at one event") {
  std::vector<std::string> told;
  auto destroys = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[&, self, peer](const an::data&) {
              self->send(peer, an::destroy{});
              self->request(peer, caf::infinite, an::write{an::text("too late")})
                  .then([&](const an::written&) { told.emplace_back("written"); },
                        [&](const caf::error& why) { told.push_back(an::error_of(why)->code()); });
            },
            [&](const an::closed&) { told.emplace_back("closed"); }};
  };
  served_client story({.address = port_80}, {}, destroys);
  story.client.sends("x");
  story.w.pass(1s);
  CHECK(story.client.received().empty());
  REQUIRE(told.size() == 2);
  CHECK(std::set<std::string>(told.begin(), told.end()) ==
        std::set<std::string>{"ENOTCONN", "closed"});
}

TEST_CASE("a handler that gives its connection to another at an event gets no further one") {
  event_log next;
  std::string first;
  served_client story({.address = port_80}, without_chance(), caf::actor());
  auto successor = story.w.net().spawn_on_loop(
      [&](caf::event_based_actor*) { return event_log::recorded_by(next); });
  auto gives = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[&, self, peer](const an::data& event) {
      first += event.bytes.view();
      self->send(peer, an::set_handler{successor});
      self->send(peer, an::write{an::text("given away")});
    }};
  };
  story.w.net().listen({.address = "tcp://127.0.0.1:81"}, gives).value();
  auto client = story.w.network().peer_connects(an::net::endpoint::loopback_ipv4(81));
  client.sends("one");
  story.w.pass(1s);
  client.sends("two");
  client.finishes();
  story.w.pass(1s);
  CHECK(first == "one");
  CHECK(next.bytes == "two");
  CHECK(next.names == std::vector<std::string>{"connected", "data", "end", "closed"});
  CHECK(client.received() == "given away");
}
