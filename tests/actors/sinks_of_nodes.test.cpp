// SPDX-License-Identifier: BSD-3-Clause

// The number of an actor is unique on its node only, so a source may be piped to two that have the
// same. What CAF has here of an actor of another node is a proxy with its number and its node.

#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>

#include <string>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::served_client;

namespace {

/// Takes all that it is given.
class proxied_sink final : public caf::monitorable_actor {
public:
  explicit proxied_sink(caf::actor_config& cfg) : caf::monitorable_actor(cfg) {}

  using caf::monitorable_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    caf::message answer;
    if (what->content().match_elements<an::transfer>()) {
      const auto bytes = what->content().get_as<an::transfer>(0).bytes;
      got += bytes.view();
      answer = caf::make_message(an::transferred{bytes.size(), false, {}});
    }
    if (what->mid.is_request())
      what->sender->enqueue(caf::strong_actor_ptr(ctrl()), what->mid.response_id(),
                            std::move(answer), nullptr);
  }

  std::string got = {};
};

struct far_and_near : served_client {
  an::sink made(const std::string& host) {
    caf::actor_config cfg;
    return caf::make_actor<proxied_sink, an::sink>(77, *caf::make_node_id(1, host), &w.system(),
                                                   cfg);
  }

  static proxied_sink& behind(const an::sink& handle) {
    return *static_cast<proxied_sink*>(caf::actor_cast<caf::abstract_actor*>(handle));
  }

  void far_is_unreachable() {
    behind(far).cleanup(caf::exit_reason::remote_link_unreachable, nullptr);
    w.pass(1s);
  }

  an::sink far = made(std::string(40, 'f'));
  an::sink near = made(std::string(40, 'e'));
};

} // namespace

TEST_CASE("of sinks of two nodes with the same number one may die, and the other goes on") {
  far_and_near story;
  story.handler.asks(story.peer, an::pipe{.to = story.far}).done();
  story.handler.expects<an::piped>();
  story.handler.asks(story.peer, an::pipe{.to = story.near}).done();
  story.handler.expects<an::piped>();
  story.client.sends("to both;");
  story.w.pass(1s);
  story.far_is_unreachable();
  auto over = story.handler.expects<an::unpiped>();
  CHECK(over.from == story.far);
  CHECK(over.bytes == 8);
  story.client.sends("to one");
  story.w.pass(1s);
  CHECK(story.handler.has_no_event());
  CHECK(story.behind(story.near).got == "to both;to one");
  CHECK(story.behind(story.far).got == "to both;");
}

TEST_CASE("a file knows such sinks apart, too") {
  far_and_near story;
  an::testkit::probe owner(story.w);
  story.w.network().put_file("/files/in", "to one");
  auto source = *story.w.net().open_source({.path = "/files/in"}, owner.actor());
  auto to_far = owner.asks(source, an::pipe{.to = story.far});
  auto to_near = owner.asks(source, an::pipe{.to = story.near});
  owner.asks(source, an::pause{}).done();
  to_far.done();
  to_near.done();
  story.far_is_unreachable();
  owner.expects<an::source_opened>();
  CHECK(owner.expects<an::source_unpiped>().to == story.far);
  owner.asks(source, an::resume{}).done();
  CHECK(owner.expects<an::source_unpiped>().bytes == 6);
  CHECK(story.behind(story.near).got == "to one");
}
