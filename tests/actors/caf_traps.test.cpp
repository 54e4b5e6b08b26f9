// SPDX-License-Identifier: BSD-3-Clause
#include "support/captured_output.hpp"
#include "support/catch.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <caf/after.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/skip.hpp>

#include <cerrno>
#include <string>
#include <vector>

// CAF 0.17.6 has habits that would hurt a program that uses connections as actors. Each case here
// names one of them and shows that it does not. They are, and what else shows it:
//
//  1  An unhandled event is printed, and answered with an error that ends the connection.
//  2  What a case for an event returns is sent to the connection.
//  3  A response promise takes the sender away.
//  4  Down messages that nobody asked to handle are printed.
//  5  Messages that an actor skips can be told twice, or never. (hosted_actors.test.cpp)
//  6  Datagrams for unknown handles and second servants crash. CAF's sockets are not used.
//  7  TCP: the end is an error, a close has no reason (close_reasons.test.cpp), an accept that
//  fails
//     spins (system/descriptors.test.cpp), writes to a closed connection are swallowed
//     (connection_breaking.test.cpp: every command to a closed connection is answered).
//  8  Detached and blocking actors race with the system's end. (system/stopping.test.cpp)
//  9  Work goes through the queue of CAF's scheduler, and an actor runs where its sender runs.
// 10  Atoms end after ten characters. Messages are structures.
// 11  All that is printed goes through one blocking actor. (stray_messages.test.cpp, and a rule of
//     the structure test)
// 12  Newer CAF has other execution units and mailboxes. What names them is in few files: a rule of
//     the structure test.

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::captured_output;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;
using an::test::spawned;

namespace {

// Everything a connection may tell: connected, data, drain, timeout, end, failed or closed.
void let_everything_happen(served_client& story) {
  story.client.stops_reading();
  story.client.sends("bytes");
  story.handler.sends(story.peer, an::write{an::text(pattern(1'000'000))});
  story.w.pass(10s);
  story.client.reads();
  story.w.pass(10s);
  story.handler.sends(story.peer, an::finish{});
  story.handler.sends(story.peer, an::write{an::text("fails")});
  story.client.finishes();
  story.w.pass(10s);
}

caf::behavior knows_nothing_of_events(caf::event_based_actor*, an::connection) {
  return {[](int) {}};
}

} // namespace

TEST_CASE("trap 1, an unhandled event neither prints nor kills handler or connection") {
  captured_output output;
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    served_client story({.address = port_80, .idle_timeout = 1s, .handlers = where}, {},
                        knows_nothing_of_events);
    let_everything_happen(story);
    CHECK(story.client.received() == pattern(1'000'000));
    CHECK(story.client.got_end());
  }
  CHECK(output.text().empty());
}

TEST_CASE("trap 1, also a handler that the user spawned is quiet about events") {
  captured_output output;
  served_client story({.address = port_80, .idle_timeout = 1s}, {}, caf::actor());
  int alive = 0;
  auto users = spawned(story.w.system(), [&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int) { ++alive; }};
  });
  story.handler.sends(story.peer, an::set_handler{users});
  let_everything_happen(story);
  CHECK(story.client.received() == pattern(1'000'000));
  CHECK(output.text().empty());
  story.handler.sends(users, 1);
  story.w.settle();
  CHECK(alive == 1);
}

TEST_CASE("trap 1, a handler from a factory and the owner of a listener are quiet, too") {
  captured_output output;
  an::test::world w;
  auto factory = [](caf::actor_system& system, an::connection) -> caf::actor {
    return spawned(system, [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  };
  auto owner =
      spawned(w.system(), [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  w.net()
      .listen({.address = port_80, .max_connections = 1, .owner = owner}, an::handler(factory))
      .value();
  auto first = w.network().peer_connects(an::test::at_80);
  w.pass(1s);
  auto second = w.network().peer_connects(an::test::at_80);
  w.pass(1s);
  first.finishes();
  CHECK(w.run_until([&] { return first.got_end() && second.got_end(); }));
  CHECK(output.text().empty());
}

TEST_CASE("trap 1, what is no event is printed as ever: only events are dropped in silence") {
  captured_output output;
  served_client story({.address = port_80}, {}, caf::actor());
  auto users = spawned(story.w.system(),
                       [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  story.handler.sends(story.peer, an::set_handler{users});
  story.w.pass(1s);
  CHECK(output.text().empty());
  story.handler.sends(users, std::string("unexpected"));
  story.w.pass(1s);
  CHECK_THAT(output.text(), Catch::Matchers::ContainsSubstring("unexpected"));
}

TEST_CASE("trap 1, a default handler of the user's own is left to him") {
  std::size_t others = 0;
  served_client story({.address = port_80}, {}, caf::actor());
  auto users = spawned(story.w.system(), [&](caf::event_based_actor* self) -> caf::behavior {
    self->set_default_handler(
        [&](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
          ++others;
          return caf::make_message();
        });
    return {[](int) {}};
  });
  story.handler.sends(story.peer, an::set_handler{users});
  story.w.pass(1s);
  CHECK(others == 1); // connected
}

TEST_CASE("trap 1, an error that somebody sends to a connection does not end it") {
  served_client story;
  story.handler.sends(story.peer, caf::make_error(caf::sec::unexpected_message));
  story.client.sends("alive");
  CHECK(story.handler.expects_bytes(5) == "alive");
}

TEST_CASE("trap 1, a request that an endpoint does not know is answered with an error") {
  served_client story;
  auto question = story.handler.asks(story.peer, std::string("what?"));
  CHECK(question.caf_failure() == caf::make_error(caf::sec::unexpected_message));
  CHECK(story.handler.asks(story.server, 42).caf_failure() ==
        caf::make_error(caf::sec::unexpected_message));
  story.handler.sends(story.peer, std::string("plainly"));
  story.client.sends("alive");
  CHECK(story.handler.expects_bytes(5) == "alive");
}

TEST_CASE("trap 2, a value that a case for an event returns goes to nobody") {
  captured_output output;
  auto returns = [](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {[](const an::data& event) { return an::write{event.bytes}; },
            [](const an::connected&) { return std::string("welcome"); }};
  };
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    served_client story({.address = port_80, .handlers = where}, {}, returns);
    story.client.sends("echo?");
    story.client.finishes();
    CHECK(story.w.run_until([&] { return story.client.got_end(); }));
    CHECK(story.client.received().empty());
  }
  CHECK(output.text().empty());
}

TEST_CASE("trap 3, a response promise takes the sender away; an event says itself who it is from") {
  auto promises = [](caf::event_based_actor* self, an::connection) -> caf::behavior {
    return {[=](const an::data& event) {
      auto promise = self->make_response_promise();
      self->send(event.peer, an::write{event.bytes});
      promise.deliver(std::string("to nobody"));
    }};
  };
  served_client story({.address = port_80}, {}, promises);
  story.client.sends("echo");
  story.w.pass(1s);
  CHECK(story.client.received() == "echo");
}

TEST_CASE(
    "trap 4, a handler that monitors its connection and asks for no down messages prints none") {
  captured_output output;
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    std::vector<std::string> told;
    bool alive = false;
    caf::actor handler;
    auto monitors = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      self->monitor(peer);
      handler = self;
      return {[&](const an::closed&) { told.emplace_back("closed"); }, [&](int) { alive = true; }};
    };
    served_client story({.address = port_80, .handlers = where}, {}, monitors);
    story.client.resets();
    story.w.pass(1s);
    CHECK(told == std::vector<std::string>{"closed"});
    story.handler.sends(handler, 1);
    story.w.settle();
    CHECK(alive);
    handler = nullptr;
  }
  CHECK(output.text().empty());
}

TEST_CASE("trap 4, a handler that asks for down messages hears them") {
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    std::vector<std::string> told;
    caf::actor handler;
    auto asks = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      self->set_down_handler([&](caf::down_msg&) { told.emplace_back("down"); });
      self->monitor(peer);
      handler = self;
      return {[&](const an::closed&) { told.emplace_back("closed"); }};
    };
    served_client story({.address = port_80, .handlers = where}, {}, asks);
    story.client.resets();
    story.w.pass(1s);
    CHECK(told == std::vector<std::string>{"closed", "down"});
    handler = nullptr;
  }
}

TEST_CASE("trap 5, events that a handler skips come later, in order and none twice") {
  std::string got;
  auto skips = [&](caf::event_based_actor* self, an::connection) -> caf::behavior {
    self->set_default_handler(caf::skip);
    return {[&, self](int) {
      self->become([&](const an::data& event) { got += event.bytes.view(); },
                   [&](const an::connected&) { got += "<"; }, [&](const an::end&) { got += ">"; });
    }};
  };
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    got.clear();
    caf::actor self;
    auto function = [&](caf::event_based_actor* handler, an::connection peer) {
      self = caf::actor_cast<caf::actor>(handler);
      return skips(handler, peer);
    };
    served_client story({.address = port_80, .handlers = where}, {}, function);
    auto sent = pattern(50'000);
    for (std::size_t i = 0; i < sent.size(); i += 1000) {
      story.client.sends(sent.substr(i, 1000));
      story.w.pass(1ms);
    }
    story.client.finishes();
    story.w.pass(1s);
    CHECK(got.empty());
    story.handler.sends(self, 1);
    story.w.pass(1s);
    CHECK((got == "<" + sent + ">"));
    self = nullptr;
  }
}

TEST_CASE("trap 7, an end is no error: what came before is told, and what is queued is sent") {
  served_client story;
  story.client.sends("bytes");
  story.handler.sends(story.peer, an::write{an::text("an answer")});
  story.client.finishes();
  CHECK(story.handler.expects_bytes(5) == "bytes");
  story.handler.expects<an::end>();
  auto last = story.handler.expects<an::closed>();
  CHECK_FALSE(last.had_error);
  CHECK(last.reason == an::close_reason::ended);
  story.w.pass(1s);
  CHECK(story.client.received() == "an answer");
}

TEST_CASE("trap 7, an accept that fails is tried again after a while, and told less and less") {
  served_client story;
  for (int i = 0; i < 10; ++i)
    story.w.network().fail_next_accept(an::test::at_80, EMFILE);
  auto waiting = one_more_client(story);
  story.w.pass(950ms);
  int told = 0;
  for (; !story.owner.has_no_event(); ++told)
    CHECK(story.owner.expects<an::listener_failed>().why.code() == "EMFILE");
  CHECK(told == 4); // at once, and after 100, 300 and 700 ms
  story.w.pass(100ms);
  story.owner.expects<an::accepted>();
}

TEST_CASE("trap 7, a write to a closed connection fails") {
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  CHECK(story.handler.asks(story.peer, an::write{an::text("late")}).failure().code() == "ENOTCONN");
}

TEST_CASE("trap 8, a blocking actor may be a handler, without a thread of its own") {
  served_client story({.address = port_80}, {}, caf::actor());
  caf::scoped_actor self(story.w.system());
  story.handler.sends(story.peer, an::set_handler{caf::actor_cast<caf::actor>(self.ptr())});
  story.client.sends("hello");
  story.w.pass(1s);
  std::string got;
  self->receive([&](const an::connected&) { got += "connected "; });
  self->receive([&](const an::data& event) { got += event.bytes.view(); });
  CHECK_THAT(got, Catch::Matchers::StartsWith("connected h"));
}

TEST_CASE("trap 9, a handler on the loop never passes through the queue of CAF's scheduler") {
  auto echo = [](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
  };
  an::test::world w;
  w.net().listen({.address = port_80}, echo).value();
  auto client = w.network().peer_connects(an::test::at_80);
  client.sends("hello");
  client.finishes();
  // Only the loops are turned: whatever waits for the scheduler waits for ever.
  for (int i = 0; i < 1000 && !client.got_end(); ++i) {
    w.net().turn();
    w.network().step();
  }
  CHECK(client.received() == "hello");
  CHECK(client.got_end());
}

TEST_CASE("trap 9, others to whom a handler on the loop sends stay with CAF's scheduler") {
  int told = 0;
  served_client story({.address = port_80}, {}, caf::actor());
  auto other = spawned(story.w.system(), [&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int) { ++told; }};
  });
  story.w.settle();
  auto tells = [&](caf::event_based_actor* self, an::connection) -> caf::behavior {
    return {[&, self](const an::connected&) { self->send(other, 1); }};
  };
  story.w.net().listen({.address = "tcp://127.0.0.1:81"}, tells).value();
  story.w.network().peer_connects(an::net::endpoint::loopback_ipv4(81));
  for (int i = 0; i < 100; ++i) {
    story.w.net().turn();
    story.w.network().step();
  }
  CHECK(told == 0);
  story.w.settle();
  CHECK(told == 1);
}

TEST_CASE("trap 9, a handler stays on its loop when another actor or CAF's clock sends to it") {
  int ticks = 0;
  caf::actor self_of_handler;
  auto ticking = [&](caf::event_based_actor* self, an::connection) -> caf::behavior {
    self_of_handler = self;
    return {[&](int) { ++ticks; }};
  };
  served_client story({.address = port_80}, {}, ticking);
  story.w.settle();
  caf::anon_send(self_of_handler, 1);
  CHECK(ticks == 0);
  story.w.net().turn();
  CHECK(ticks == 1);
  self_of_handler = nullptr;
}

TEST_CASE("trap 10, messages with names of more than ten characters are told apart") {
  served_client story;
  story.handler.asks(story.server, an::pause_accepting{}).done();
  CHECK(story.handler.asks(story.server, an::get_info{}).value<an::listener_info>().state ==
        an::listener_state::paused);
  story.handler.asks(story.server, an::set_max_connections{7}).done();
  CHECK(story.handler.asks(story.server, an::get_connections{}).value<an::connections>().count ==
        1);
}

TEST_CASE("trap 11, a handler's mistake is printed by nobody, but told by the runtime's log") {
  captured_output output;
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    served_client story({.address = port_80, .handlers = where}, {}, caf::actor());
    int lines = 0;
    story.w.net().on_log([&](std::string_view) { ++lines; });
    auto mistaken = [](caf::event_based_actor* self, an::connection) -> caf::behavior {
      return {
          [=](const an::connected&) { self->send(self, std::string("for which it has no case")); }};
    };
    story.w.net().listen({.address = "tcp://127.0.0.1:81", .handlers = where}, mistaken).value();
    story.w.network().peer_connects(an::net::endpoint::loopback_ipv4(81));
    story.w.pass(1s);
    CHECK(lines == 1);
  }
  CHECK(output.text().empty());
}

TEST_CASE("a request with a time limit of CAF's own does not disturb the answer of ours") {
  std::vector<std::string> told;
  auto asks = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[&, self, peer](const an::connected&) {
      self->request(peer, 1s, an::write{an::text(pattern(1'000'000))})
          .then([&](const an::written&) { told.emplace_back("written"); },
                [&](const caf::error& why) {
                  CHECK_FALSE(an::error_of(why)); // CAF's time-out is no error of ours
                  told.emplace_back("late");
                });
    }};
  };
  served_client story({.address = port_80}, {}, asks);
  story.client.stops_reading();
  story.w.pass(10s);
  CHECK(told == std::vector<std::string>{"late"});
  story.client.reads();
  story.w.pass(10s);
  CHECK(story.client.received() == pattern(1'000'000));
  CHECK(told.size() == 1);
}

TEST_CASE("a composed actor passes a connection's answer on to its next stage") {
  served_client story;
  auto sizes = spawned(story.w.system(), [](caf::event_based_actor*) -> caf::behavior {
    return {[](const an::written& what) { return what.bytes; }};
  });
  auto composed = sizes * caf::actor_cast<caf::actor>(story.peer);
  auto question = story.handler.asks(composed, an::write{an::text("four")});
  CHECK(question.value<std::uint64_t>() == 4);
}
