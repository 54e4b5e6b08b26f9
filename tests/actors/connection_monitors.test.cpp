// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::served_client;

namespace {

struct last_news {
  std::vector<caf::error> down;
  std::vector<caf::error> exits;
};

// Monitors or links itself to the connection; tells `news` what it heard.
caf::behavior observer(caf::event_based_actor* self, an::connection peer, bool links,
                       last_news* news) {
  self->set_down_handler([=](caf::down_msg& what) { news->down.push_back(what.reason); });
  self->set_exit_handler([=](caf::exit_msg& what) { news->exits.push_back(what.reason); });
  if (links)
    self->link_to(peer);
  else
    self->monitor(peer);
  return {[=](const std::string&) { self->quit(caf::exit_reason::user_shutdown); },
          [=](int) { self->quit(); }};
}

} // namespace

TEST_CASE("who monitors a connection hears how it ended") {
  last_news news;
  served_client story;
  auto observing = story.w.system().spawn(observer, story.peer, false, &news);
  story.w.settle();
  story.client.finishes();
  story.handler.expects<an::end>();
  story.handler.expects<an::closed>();
  story.w.settle();
  REQUIRE(news.down.size() == 1);
  CHECK(news.down[0] == caf::error(caf::exit_reason::normal));
}

TEST_CASE("who monitors a connection that breaks hears the error itself") {
  last_news news;
  served_client story;
  auto observing = story.w.system().spawn(observer, story.peer, false, &news);
  story.w.settle();
  story.client.resets();
  story.handler.expects<an::failed>();
  story.handler.expects<an::closed>();
  story.w.settle();
  REQUIRE(news.down.size() == 1);
  REQUIRE(an::error_of(news.down[0]));
  CHECK(an::error_of(news.down[0])->code() == "ECONNRESET");
}

TEST_CASE("who monitors a connection that is gone hears so at once") {
  last_news news;
  served_client story;
  story.handler.sends(story.peer, an::destroy{});
  story.handler.expects<an::closed>();
  auto observing = story.w.system().spawn(observer, story.peer, false, &news);
  story.w.settle();
  CHECK(news.down.size() == 1);
}

TEST_CASE("a linked actor that fails destroys the connection; one that quits does not") {
  last_news news;
  served_client story;
  auto quits = story.w.system().spawn(observer, story.peer, true, &news);
  auto fails = story.w.system().spawn(observer, story.peer, true, &news);
  story.w.settle();
  story.handler.sends(quits, 1);
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  story.handler.sends(fails, std::string("now"));
  CHECK_FALSE(story.handler.expects<an::closed>().had_error);
}

TEST_CASE("a connection that ends sends an exit to those who are linked to it") {
  last_news news;
  served_client story;
  auto observing = story.w.system().spawn(observer, story.peer, true, &news);
  story.w.settle();
  story.client.resets();
  story.handler.expects<an::failed>();
  story.handler.expects<an::closed>();
  story.w.settle();
  REQUIRE(news.exits.size() == 1);
  CHECK(an::error_of(news.exits[0])->code() == "ECONNRESET");
}

TEST_CASE("an exit message ends a connection as it ends any actor") {
  served_client story;
  story.handler.sends(story.peer,
                      caf::exit_msg{story.handler.actor().address(), caf::exit_reason::kill});
  story.handler.expects<an::closed>();
  CHECK(story.owner.expects<an::handler_failed>().peer == story.peer);
  story.handler.sends(story.server,
                      caf::exit_msg{story.handler.actor().address(), caf::exit_reason::kill});
  story.owner.expects<an::listener_closed>();
}
