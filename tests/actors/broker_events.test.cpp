// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/guarded_server.hpp"
#include "support/spawned.hpp"

#include <caf/actor_registry.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <memory>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::drop_reason;
using an::limit_scope;
using an::test::guarded_server;

TEST_CASE("a broker tells what it knows: limits, counts in every scope, refusals by reason") {
  guarded_server story({.limits = {.total = 3, .per_address = 2}},
                       {.address = "", .deny = *an::net::address_list::parse({"10.9.0.0/16"})});
  auto second = story.listens(81);
  story.served_client("10.0.0.1", 80);
  story.served_client("10.0.0.1", 81);
  story.refusal("10.0.0.1", 80);
  story.served_client("10.0.0.2", 81);
  story.refusal("10.0.0.3", 81);
  story.refusal("10.9.0.1", 80);
  auto info = story.info();
  CHECK(info.limits.total == 3);
  CHECK(info.limits.per_address == 2);
  CHECK(info.policy == an::over_limit::drop);
  CHECK(info.connections == 3);
  CHECK(info.accepted == 3);
  CHECK(info.addresses == 2);
  CHECK(info.refused.max_per_address == 1);
  CHECK(info.refused.max_connections == 1);
  CHECK(info.refused.denied == 1);
  CHECK(info.refused.sum() == 3);
  REQUIRE(info.listeners.size() == 2);
  CHECK(info.listeners[0].from == story.server);
  CHECK(info.listeners[0].connections == 1);
  CHECK(info.listeners[0].refused.sum() == 2);
  CHECK(info.listeners[1].from == second);
  CHECK(info.listeners[1].connections == 2);
  CHECK(info.listeners[1].accepted == 2);
}

TEST_CASE("a limit that is reached is told once, and once more when there is room again") {
  guarded_server story({.limits = {.total = 20}});
  std::vector<guarded_server::served> served;
  for (int i = 0; i < 20; ++i)
    served.push_back(story.served_client());
  auto reached = story.broker_owner.expects<an::limit_reached>();
  CHECK(reached.from == story.broker);
  CHECK(reached.scope == limit_scope::total);
  for (int i = 0; i < 10; ++i)
    story.refusal();
  story.leaves(served[0]); // one is not yet worth telling
  story.w.pass(1s);
  CHECK(story.broker_owner.has_no_event());
  story.leaves(served[1]);
  story.w.pass(1s);
  CHECK(story.broker_owner.expects<an::limit_cleared>().scope == limit_scope::total);
  CHECK(story.broker_owner.has_no_event());
}

TEST_CASE("a limit that is reached and left again and again is told ten times a second at most") {
  guarded_server story({.limits = {.total = 1}});
  for (int i = 0; i < 100; ++i) {
    auto served = story.served_client();
    story.leaves(served);
    story.w.pass(5ms);
  }
  story.w.pass(1s);
  int told = 0;
  while (!story.broker_owner.has_no_event()) {
    if (told++ % 2 == 0)
      story.broker_owner.expects<an::limit_reached>();
    else
      story.broker_owner.expects<an::limit_cleared>();
  }
  CHECK(told >= 2);
  CHECK(told <= 20);
}

TEST_CASE("the limit of one listener is told with the listener") {
  guarded_server story({.limits = {.per_listener = 1}});
  auto second = story.listens(81);
  auto served = story.served_client("10.0.0.1", 81);
  auto reached = story.broker_owner.expects<an::limit_reached>();
  CHECK(reached.scope == limit_scope::listener);
  CHECK(reached.where == second);
  story.leaves(served);
  auto cleared = story.broker_owner.expects<an::limit_cleared>();
  CHECK(cleared.scope == limit_scope::listener);
  CHECK(cleared.where == second);
}

TEST_CASE("who is refused for address, network or rate is told once until nobody is for a second") {
  guarded_server story({.limits = {.per_address = 1}});
  story.served_client("10.0.0.1");
  for (int i = 0; i < 5; ++i)
    story.refusal("10.0.0.1");
  auto reached = story.broker_owner.expects<an::limit_reached>();
  CHECK(reached.scope == limit_scope::address);
  CHECK(reached.who.unmapped().address() == "10.0.0.1");
  story.w.pass(900ms);
  CHECK(story.broker_owner.has_no_event());
  story.refusal("10.0.0.1");
  story.w.pass(900ms);
  CHECK(story.broker_owner.has_no_event());
  story.w.pass(1s);
  CHECK(story.broker_owner.expects<an::limit_cleared>().scope == limit_scope::address);

  story.limits_become({.accepts_per_second = 1});
  story.served_client("10.0.0.2");
  story.refusal("10.0.0.3");
  CHECK(story.broker_owner.expects<an::limit_reached>().scope == limit_scope::accept_rate);
  story.limits_become({.per_prefix = 1});
  story.refusal("10.0.0.4");
  CHECK(story.broker_owner.expects<an::limit_reached>().scope == limit_scope::prefix);
}

TEST_CASE("many refusals within a second are told one by one, and the rest together") {
  guarded_server story({.limits = {.total = 0}}, {.address = "", .dropped_events_max = 3});
  for (int i = 0; i < 10; ++i)
    story.client();
  for (int i = 0; i < 3; ++i)
    CHECK(story.owner.expects<an::dropped>().count == 1);
  auto rest = story.owner.expects<an::dropped>();
  CHECK(rest.count == 7);
  CHECK(rest.reason == drop_reason::max_connections);
  story.w.pass(2s);
  CHECK(story.owner.has_no_event());
  CHECK(story.refusal() == drop_reason::max_connections);
}

TEST_CASE("what is left of refusals is told before a listener closes") {
  guarded_server story({.limits = {.total = 0}}, {.address = "", .dropped_events_max = 1});
  for (int i = 0; i < 3; ++i)
    story.client();
  story.w.pass(100ms);
  story.owner.asks(story.server, an::close{}).done();
  CHECK(story.owner.expects<an::dropped>().count == 1);
  CHECK(story.owner.expects<an::dropped>().count == 2);
  story.owner.expects<an::listener_closed>();
}

TEST_CASE("nobody waits for a broker, and listeners go on without the program's handle") {
  an::test::world w;
  auto running = [&] {
    w.settle();
    return w.system().registry().running();
  };
  auto before = running();
  auto broker = *w.net().make_broker({.limits = {.total = 0}});
  CHECK(running() == before);
  an::testkit::probe owner(w);
  auto with_owner = running();
  auto server = *w.net().listen(
      {.address = "tcp://127.0.0.1:80", .broker = broker, .owner = owner.actor()}, caf::actor());
  owner.expects<an::listening>();
  broker = an::connection_broker();
  w.network().peer_connects(an::net::endpoint::loopback_ipv4(80));
  CHECK(owner.expects<an::dropped>().reason == drop_reason::max_connections);
  owner.asks(server, an::close{}).done();
  CHECK(running() == with_owner);
}

TEST_CASE("a broker does not keep its owner, which may keep the broker") {
  an::test::world w;
  auto alive = std::make_shared<int>();
  auto owner = an::test::spawned(w.system(), [alive](caf::event_based_actor* self) {
    auto broker = *an::runtime::from(self->system()).make_broker({.owner = self});
    return caf::behavior{[alive, broker](int) {}};
  });
  w.settle();
  CHECK(alive.use_count() > 1);
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(owner);
  owner = nullptr;
  w.settle();
  CHECK(alive.use_count() == 1);
  if (auto left = caf::actor_cast<caf::actor>(weak)) // else the world would not end
    caf::anon_send_exit(left, caf::exit_reason::kill);
}

TEST_CASE("a broker whose owner has ended goes on") {
  guarded_server story({.limits = {.total = 1}});
  an::testkit::probe handler(story.w);
  auto ends = an::test::spawned(
      story.w.system(), [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  auto broker = *story.w.net().make_broker({.limits = {.total = 1}, .owner = ends});
  auto server = *story.w.net().listen({.address = "tcp://*:81", .broker = broker}, handler.actor());
  ends = nullptr;
  story.client("10.0.0.1", 81);
  handler.expects<an::connected>();
  auto second = story.client("10.0.0.2", 81);
  story.w.pass(1s);
  CHECK((second.got_end() || second.was_reset()));
  CHECK(handler.asks(broker, an::stop{0}).value<an::stopped>().served == 1);
}

TEST_CASE("a broker ends with its last reference, be there room ever again or not") {
  an::test::world w;
  an::testkit::probe owner(w);
  bool ended = false;
  auto broker = *w.net().make_broker({.limits = {.total = 0}, .owner = owner.actor()});
  caf::actor_cast<caf::abstract_actor*>(broker)->attach_functor([&] { ended = true; });
  auto server = *w.net().listen({.address = "tcp://127.0.0.1:80", .broker = broker}, caf::actor());
  broker = an::connection_broker();
  w.network().peer_connects(an::net::endpoint::loopback_ipv4(80));
  CHECK(owner.expects<an::limit_reached>().scope == limit_scope::total);
  w.pass(1s);
  CHECK_FALSE(ended); // its listener refers to it
  owner.asks(server, an::close{}).done();
  w.pass(1s);
  CHECK(ended);
}

TEST_CASE("a limit of 0 that was reached is cleared once it is raised") {
  guarded_server story({.limits = {.total = 0}});
  story.refusal();
  CHECK(story.broker_owner.expects<an::limit_reached>().scope == limit_scope::total);
  story.w.pass(1s);
  CHECK(story.broker_owner.has_no_event());
  story.limits_become({.total = 1});
  CHECK(story.broker_owner.expects<an::limit_cleared>().scope == limit_scope::total);
}
