// SPDX-License-Identifier: BSD-3-Clause
#include "support/captured_output.hpp"
#include "support/catch.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <caf/default_attachable.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_actor.hpp>
#include <caf/node_id.hpp>
#include <caf/system_messages.hpp>

#include <functional>
#include <memory>
#include <set>
#include <stdexcept>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::captured_output;
using an::test::pattern;
using an::test::port_80;
using an::test::served_client;
using an::test::spawned;

namespace {

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
}

std::uint64_t count_of(served_client& story) {
  return story.handler.asks(story.server, an::get_connections{}).value<an::connections>().count;
}

/// Acts from within the call that tells it `accepted`, as an owner on another thread may: before
/// the connection has begun to live on its loop.
class eager_owner final : public caf::monitorable_actor {
public:
  using deed = std::function<void(an::connection)>;

  eager_owner(caf::actor_config& cfg, deed acts)
      : caf::monitorable_actor(cfg), acts_(std::move(acts)) {}

  static caf::actor spawn(an::test::world& w, deed acts) {
    caf::actor_config cfg;
    auto& system = w.system();
    return caf::make_actor<eager_owner, caf::actor>(system.next_actor_id(), system.node(), &system,
                                                    cfg, std::move(acts));
  }

  using caf::monitorable_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    if (what->content().match_elements<an::accepted>())
      acts_(what->content().get_as<an::accepted>(0).peer);
  }

private:
  deed acts_;
};

/// An actor of another node, as far as anybody here can tell.
class remote_actor final : public caf::monitorable_actor {
public:
  explicit remote_actor(caf::actor_config& cfg) : caf::monitorable_actor(cfg) {}

  static caf::actor spawn(an::test::world& w, caf::actor_id number) {
    caf::actor_config cfg;
    constexpr caf::node_id::default_data::host_id_type host{1, 2, 3};
    return caf::make_actor<remote_actor, caf::actor>(number, caf::make_node_id(4, host),
                                                     &w.system(), cfg);
  }

  static void fails(const caf::actor& remote) {
    static_cast<remote_actor*>(caf::actor_cast<caf::abstract_actor*>(remote))
        ->cleanup(caf::exit_reason::remote_link_unreachable, nullptr);
  }

  using caf::monitorable_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr, caf::execution_unit*) override {}
};

} // namespace

// -- kinds ----------------------------------------------------------------------------------------

TEST_CASE("a function makes an actor of its own for each connection, which ends with it") {
  auto alive = std::make_shared<int>();
  auto counted = [alive](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[self, peer, alive](const an::data&) {
      self->send(peer, an::write{an::text(std::to_string(self->id()))});
    }};
  };
  served_client story({.address = port_80}, {}, counted);
  auto second = one_more_client(story);
  story.client.sends("who?");
  second.sends("who?");
  story.w.pass(1s);
  CHECK_FALSE(story.client.received().empty());
  CHECK_FALSE(second.received().empty());
  CHECK(story.client.received() != second.received());

  auto held = alive.use_count();
  story.client.finishes();
  story.w.pass(1s);
  CHECK(alive.use_count() < held);
}

TEST_CASE("a factory gives an actor of any kind to each connection") {
  std::set<caf::actor_id> made;
  auto factory = [&](caf::actor_system& system, an::connection peer) -> caf::actor {
    auto result = system.spawn(echo, peer);
    made.insert(result.id());
    return result;
  };
  served_client story({.address = port_80}, {}, an::handler(factory));
  auto second = one_more_client(story);
  story.client.sends("one");
  second.sends("two");
  story.w.pass(1s);
  CHECK(story.client.received() == "one");
  CHECK(second.received() == "two");
  CHECK(made.size() == 2);
}

TEST_CASE("one actor may be the handler of many connections: events say which") {
  served_client story;
  auto second = one_more_client(story);
  auto other = story.handler.expects<an::connected>().peer;
  CHECK(other != story.peer);
  second.sends("from the second");
  CHECK(story.handler.expects<an::data>().peer == other);
  story.w.pass(1s);
  while (!story.handler.has_no_event())
    story.handler.expects<an::data>();
  story.client.sends("x");
  CHECK(story.handler.expects<an::data>().peer == story.peer);
}

TEST_CASE("a handler runs on CAF's scheduler when it is placed there") {
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    served_client story({.address = port_80, .handlers = where}, {}, echo);
    story.client.sends("to and fro");
    story.client.finishes();
    CHECK(story.w.run_until([&] { return story.client.got_end(); }));
    CHECK(story.client.received() == "to and fro");
  }
}

// -- nobody, and somebody else --------------------------------------------------------------------

TEST_CASE("a connection without a handler reads nothing and loses nothing") {
  served_client story({.address = port_80}, {}, caf::actor());
  auto sent = pattern(200'000);
  story.client.sends(sent);
  story.client.finishes();
  story.w.pass(1min);
  CHECK(story.info().bytes_read == 0);
  CHECK_FALSE(story.client.got_end());
  story.handler.asks(story.peer, an::set_handler{story.handler.actor()}).done();
  CHECK(story.handler.expects<an::connected>().remote == story.client.local());
  CHECK(story.handler.expects_bytes(sent.size()) == sent);
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
}

TEST_CASE("a new handler is told connected first, then everything; the old one nothing more") {
  served_client story;
  an::testkit::probe next(story.w);
  story.client.sends("one");
  CHECK(story.handler.expects_bytes(3) == "one");
  story.handler.asks(story.peer, an::set_handler{next.actor()}).done();
  story.client.sends("two");
  CHECK(next.expects<an::connected>().peer == story.peer);
  CHECK(next.expects_bytes(3) == "two");
  story.client.finishes();
  next.expects<an::end>();
  next.expects<an::closed>();
  CHECK(story.handler.has_no_event());
}

TEST_CASE("a handler may be taken away, and bytes wait until there is another") {
  served_client story;
  auto sent = pattern(500'000);
  story.client.sends(sent);
  auto got = std::string(story.handler.expects<an::data>().bytes.view());
  story.handler.asks(story.peer, an::set_handler{}).done();
  story.w.pass(1s);
  while (!story.handler.has_no_event())
    got += story.handler.expects<an::data>().bytes.view();
  story.w.pass(1min);
  CHECK(story.handler.has_no_event());
  an::testkit::probe next(story.w);
  story.handler.sends(story.peer, an::set_handler{next.actor()});
  next.expects<an::connected>();
  got += next.expects_bytes(sent.size() - got.size());
  CHECK(got == sent);
}

TEST_CASE("who hears accepted may give the handler, also to a connection on another loop") {
  for (std::size_t loops : {1u, 2u, 3u}) {
    an::test::world w({.loops = loops});
    an::testkit::probe handler(w);
    auto owner = eager_owner::spawn(
        w, [&](an::connection peer) { caf::anon_send(peer, an::set_handler{handler.actor()}); });
    w.net().listen({.address = port_80, .owner = owner}, caf::actor()).value();
    auto client = w.network().peer_connects(at_80);
    client.sends("hello");
    handler.expects<an::connected>();
    CHECK(handler.expects_bytes(5) == "hello");
  }
}

TEST_CASE("who hears accepted may destroy the connection, also one on another loop") {
  for (std::size_t loops : {1u, 2u, 3u}) {
    an::test::world w({.loops = loops});
    an::testkit::probe asker(w);
    auto owner =
        eager_owner::spawn(w, [](an::connection peer) { caf::anon_send(peer, an::destroy{}); });
    auto server = *w.net().listen({.address = port_80, .owner = owner}, caf::actor());
    auto client = w.network().peer_connects(at_80);
    w.pass(1s);
    CHECK(client.got_end());
    CHECK(asker.asks(server, an::get_connections{}).value<an::connections>().count == 0);
  }
}

TEST_CASE("who hears accepted may limit the lifetime, also of a connection on another loop") {
  for (std::size_t loops : {1u, 2u, 3u})
    for (std::int64_t lifetime : {1000, 0}) {
      an::test::world w({.loops = loops});
      an::testkit::probe handler(w);
      auto owner = eager_owner::spawn(
          w, [=](an::connection peer) { caf::anon_send(peer, an::set_lifetime{lifetime}); });
      w.net()
          .listen({.address = port_80, .lifetime_max = 10s, .owner = owner}, handler.actor())
          .value();
      auto client = w.network().peer_connects(at_80);
      handler.expects<an::connected>();
      w.pass(2s);
      CHECK(client.got_end() == (lifetime == 1000));
      w.pass(1h);
      CHECK(client.got_end() == (lifetime == 1000));
    }
}

TEST_CASE("the death of a former handler means nothing") {
  served_client story;
  an::testkit::probe next(story.w);
  story.handler.asks(story.peer, an::set_handler{next.actor()}).done();
  story.handler.dies(caf::exit_reason::kill);
  next.expects<an::connected>();
  story.w.pass(1s);
  CHECK(next.has_no_event());
}

TEST_CASE("a handler that is dead already takes the connection down") {
  served_client story;
  auto dead = spawned(story.w.system(), [](caf::event_based_actor* self) { self->quit(); });
  story.w.settle();
  story.handler.sends(story.peer, an::set_handler{dead});
  story.w.pass(1s);
  CHECK(story.client.got_end());
}

// -- death ----------------------------------------------------------------------------------------

TEST_CASE("a handler that quits leaves its connection to send what was written, and close") {
  auto sent = pattern(1'000'000);
  auto says_and_goes = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=, &sent](const an::connected&) {
      self->send(peer, an::write{an::text(sent)});
      self->quit();
    }};
  };
  served_client story({.address = port_80}, {}, says_and_goes);
  CHECK(story.w.run_until([&] { return story.client.got_end(); }));
  CHECK(story.client.received() == sent);
  story.w.pass(3s); // it lingers a little, for the peer's FIN
  CHECK(count_of(story) == 0);
}

TEST_CASE("a connection that its handler has left does not wait for ever for a peer that reads "
          "nothing") {
  served_client story;
  story.client.stops_reading();
  story.handler.sends(story.peer, an::write{an::text(pattern(1'000'000))});
  story.w.pass(1s);
  story.handler.dies(caf::exit_reason::normal);
  an::testkit::probe other(story.w);
  auto count = [&] {
    return other.asks(story.server, an::get_connections{}).value<an::connections>().count;
  };
  story.w.pass(20s);
  CHECK(count() == 1);
  story.w.pass(20s);
  CHECK(count() == 0);
}

TEST_CASE("a handler that fails has its connection destroyed, and nothing else") {
  served_client story;
  auto second = one_more_client(story);
  auto other = story.handler.expects<an::connected>().peer;
  an::testkit::probe next(story.w);
  story.handler.sends(other, an::set_handler{next.actor()});
  next.expects<an::connected>();
  an::testkit::probe asker(story.w);
  story.client.stops_reading();
  auto write = asker.asks(story.peer, an::write{an::text(pattern(1'000'000))});
  story.w.pass(1s);
  story.handler.dies(caf::exit_reason::kill);
  CHECK(write.failure().code() == "ECONNABORTED");
  second.sends("alive");
  CHECK(next.expects_bytes(5) == "alive");
  auto count = asker.asks(story.server, an::get_connections{}).value<an::connections>().count;
  CHECK(count == 1);
}

TEST_CASE("the death of a shared handler takes all of its connections down") {
  served_client story;
  auto second = one_more_client(story);
  story.handler.expects<an::connected>();
  story.handler.dies(caf::exit_reason::kill);
  story.w.pass(1s);
  CHECK(story.client.got_end());
  CHECK(second.got_end());
}

TEST_CASE("a handler that dies while connecting takes the attempt down") {
  an::test::world w;
  w.network().hang_connects(at_80);
  an::testkit::probe asker(w);
  an::connection peer;
  {
    an::testkit::probe handler(w);
    peer = *w.net().connect({.address = port_80}, handler.actor());
    w.pass(1s);
  }
  w.pass(1s);
  auto info = asker.asks(peer, an::get_info{}).value<an::connection_info>();
  CHECK(info.state == an::connection_state::closed);
}

// -- exceptions -----------------------------------------------------------------------------------

TEST_CASE("a factory that throws costs its connection, with an error, and no other") {
  int calls = 0;
  auto factory = [&](caf::actor_system& system, an::connection peer) -> caf::actor {
    if (++calls == 1)
      throw std::runtime_error("no handler today");
    return system.spawn(echo, peer);
  };
  captured_output output;
  served_client story({.address = port_80}, {}, an::handler(factory));
  story.w.pass(1s);
  CHECK(story.client.got_end());
  auto second = one_more_client(story);
  second.sends("fine");
  story.w.pass(1s);
  CHECK(second.received() == "fine");
  CHECK(output.text().empty());
}

TEST_CASE("a function that throws costs its connection and no other") {
  int calls = 0;
  auto function = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    if (++calls == 1)
      throw 42;
    return echo(self, peer);
  };
  captured_output output;
  served_client story({.address = port_80}, {}, function);
  story.w.pass(1s);
  CHECK(story.client.got_end());
  auto second = one_more_client(story);
  second.sends("fine");
  story.w.pass(1s);
  CHECK(second.received() == "fine");
  CHECK(output.text().empty());
}

TEST_CASE("a handler that throws at an event has its connection destroyed, without a print") {
  auto throws = [](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {[](const an::data&) { throw std::logic_error("I cannot read"); }};
  };
  captured_output output;
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    served_client story({.address = port_80, .handlers = where}, {}, throws);
    an::testkit::probe watcher(story.w);
    caf::actor_cast<caf::strong_actor_ptr>(story.peer)
        ->get()
        ->attach(caf::default_attachable::make_monitor(caf::actor_cast<caf::actor_addr>(story.peer),
                                                       watcher.actor().address()));
    story.client.sends("try");
    auto why = watcher.expects<caf::down_msg>().reason;
    CHECK(an::error_of(why)->kind == an::trouble::handler_failed);
    story.w.pass(1s);
    CHECK((story.client.got_end() || story.client.was_reset()));
    CHECK(count_of(story) == 0);
  }
  CHECK(output.text().empty());
}

TEST_CASE("a handler of another node is not taken for one of ours that has its number") {
  const bool remote_fails = GENERATE(true, false);
  served_client story;
  auto second = one_more_client(story);
  auto other = story.handler.expects<an::connected>().peer;
  auto remote = remote_actor::spawn(story.w, story.handler.actor().id());
  REQUIRE(remote != story.handler.actor());
  story.handler.asks(other, an::set_handler{remote}).done();
  if (remote_fails)
    remote_actor::fails(remote);
  else
    story.handler.dies(caf::exit_reason::kill);
  story.w.pass(1s);
  const auto& lost = remote_fails ? second : story.client;
  const auto& kept = remote_fails ? story.client : second;
  CHECK((lost.got_end() || lost.was_reset()));
  CHECK_FALSE((kept.got_end() || kept.was_reset()));
}
