// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::port_80;
using an::test::served_client;
using an::test::spawned;
using an::test::world;
using an::testkit::probe;

namespace {

struct last_news {
  std::vector<caf::error> down;
  std::vector<caf::error> exits;
};

/// Monitors `server` and is linked to it; writes down what it hears of its end.
caf::actor observer(world& w, const an::listener& server, last_news& news) {
  auto made = spawned(w.system(), [&news, server](caf::event_based_actor* self) -> caf::behavior {
    self->set_down_handler([&](caf::down_msg& what) { news.down.push_back(what.reason); });
    self->set_exit_handler([&](caf::exit_msg& what) { news.exits.push_back(what.reason); });
    self->monitor(server);
    self->link_to(server);
    return {[](int) {}};
  });
  w.settle();
  return made;
}

void check_heard(const last_news& news, const caf::error& reason) {
  REQUIRE(news.down.size() == 1);
  CHECK(news.down[0] == reason);
  REQUIRE(news.exits.size() == 1);
  CHECK(news.exits[0] == reason);
}

void sends_exit(probe& from, const an::listener& server, caf::exit_reason why) {
  from.sends(server, caf::exit_msg{from.actor().address(), why});
}

} // namespace

TEST_CASE("who observes a listener hears nothing before its last connection is gone, then normal") {
  last_news news;
  served_client story;
  auto observing = observer(story.w, story.server, news);
  story.handler.asks(story.server, an::close{}).done();
  story.w.pass(1s);
  CHECK(news.down.empty());
  story.client.finishes();
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
  story.w.settle();
  check_heard(news, caf::exit_reason::normal);
}

TEST_CASE("who observes a listener that failed to resolve its name hears the error itself") {
  last_news news;
  world w;
  probe owner(w);
  w.network().fail_name("nowhere.test", "EAI_AGAIN", 1s);
  auto server =
      *w.net().listen({.address = "tcp://nowhere.test:80", .owner = owner.actor()}, caf::actor());
  auto observing = observer(w, server, news);
  auto why = owner.expects<an::listener_failed>().why;
  w.settle();
  check_heard(news, an::to_caf(why));
  CHECK(an::error_of(news.down[0])->code() == "EAI_AGAIN");
}

TEST_CASE("who observes a listener that is gone hears so at once") {
  last_news news;
  world w;
  probe owner(w);
  auto server = *w.net().listen({.address = port_80, .owner = owner.actor()}, caf::actor());
  owner.asks(server, an::close{}).done();
  auto observing = observer(w, server, news);
  CHECK(news.down.size() == 1);
  CHECK(news.exits.size() == 1);
}

TEST_CASE("who observes a listener that an exit message ended hears the reason of that") {
  last_news news;
  world w;
  probe owner(w);
  auto server = *w.net().listen({.address = port_80, .owner = owner.actor()}, caf::actor());
  owner.expects<an::listening>();
  auto observing = observer(w, server, news);
  sends_exit(owner, server, caf::exit_reason::user_shutdown);
  CHECK_FALSE(owner.expects<an::listener_closed>().had_error);
  w.settle();
  check_heard(news, caf::exit_reason::user_shutdown);
}

TEST_CASE("a listener that an exit message ended lets its connections live, and keeps the reason") {
  last_news news;
  served_client story;
  auto observing = observer(story.w, story.server, news);
  sends_exit(story.owner, story.server, caf::exit_reason::remote_link_unreachable);
  story.client.sends("alive");
  CHECK(story.handler.expects_bytes(5) == "alive");
  CHECK(news.down.empty());
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  story.w.settle();
  check_heard(news, caf::exit_reason::remote_link_unreachable);
}

TEST_CASE("a listener that its runtime shuts down says so to who observes it") {
  last_news news;
  world w;
  auto server = *w.net().listen({.address = port_80}, caf::actor());
  auto observing = observer(w, server, news);
  w.net().stop();
  w.settle();
  check_heard(news, caf::exit_reason::user_shutdown);
}

TEST_CASE("a linked owner that fails closes its listener; one that quits does not") {
  for (auto why : {caf::exit_reason::normal, caf::exit_reason::user_shutdown}) {
    last_news news;
    world w;
    an::listener server;
    auto owner = spawned(w.system(), [&, why](caf::event_based_actor* self) -> caf::behavior {
      server = *w.net().listen({.address = port_80, .owner = self}, caf::actor());
      self->link_to(server);
      return {[=](int) { self->quit(why); }};
    });
    w.settle();
    auto observing = observer(w, server, news);
    caf::anon_send(owner, 1);
    w.pass(1s);
    const bool closes = why != caf::exit_reason::normal;
    auto client = w.network().peer_connects(an::test::at_80);
    w.pass(1s);
    CHECK(client.refused() == closes);
    if (closes)
      check_heard(news, why);
    else
      CHECK(news.down.empty());
  }
}
