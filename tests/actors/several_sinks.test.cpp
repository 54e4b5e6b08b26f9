// SPDX-License-Identifier: BSD-3-Clause

// Several sinks of the program at one source, each of which answers when the test says so: what
// comes back depends on all that had the same bytes, in whatever order they answer.

#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::pattern;
using an::test::served_client;

namespace {

/// An actor that takes bytes when it is told to.
struct slow_sink {
  explicit slow_sink(an::test::world& w)
      : actor(w.system().spawn(
            [this](an::sink::pointer self, int) -> an::sink::behavior_type {
              return {
                  [](const an::join_sink&) {},
                  [this, self](const an::transfer& what) {
                    got += what.bytes.view();
                    due.emplace_back(what.bytes.size(),
                                     self->make_response_promise<an::transferred>());
                    return due.back().second;
                  },
                  [](const an::take_back&) {},
                  [](const an::leave_sink&) {},
              };
            },
            0)) {}

  /// Answers all that is due: of that it has `bytes`.
  void takes(std::uint64_t bytes) {
    for (auto& [size, promise] : std::exchange(due, {})) {
      const auto taken = std::min<std::uint64_t>(size, bytes);
      bytes -= taken;
      promise.deliver(an::transferred{taken, false, {}});
    }
  }

  std::string got = {};
  std::deque<std::pair<std::uint64_t, caf::typed_response_promise<an::transferred>>> due = {};
  an::sink actor;
};

struct sharing : served_client {
  void pipes(const slow_sink& to) { handler.asks(peer, an::pipe{.to = to.actor}).done(); }

  // Not done before the sink has answered.
  void unpipes(const slow_sink& from) {
    handler.sends(peer, an::unpipe{from.actor});
    w.pass(1ms);
  }

  void client_sends(std::size_t bytes) {
    client.sends(sent.substr(sent_bytes, bytes));
    sent_bytes += bytes;
    w.pass(1s);
  }

  const std::string sent = pattern(30'000);
  std::size_t sent_bytes = 0;
  slow_sink a{w};
  slow_sink b{w};
  slow_sink next{w};
};

} // namespace

TEST_CASE("what a sink has that was unpiped first does not come back when the other fails") {
  const bool a_is_first = GENERATE(false, true);
  sharing story;
  story.pipes(story.a);
  story.pipes(story.b);
  story.client_sends(10'000);
  story.unpipes(story.a);
  if (a_is_first)
    story.a.takes(10'000);
  story.w.pass(1s);
  story.b.takes(0);
  story.w.pass(1s);
  story.a.takes(10'000);
  story.w.pass(1s);
  story.pipes(story.next);
  story.w.pass(1s);
  CHECK(story.next.got.empty());
  story.client_sends(10);
  CHECK((story.next.got == story.sent.substr(10'000, 10)));
}

TEST_CASE("of sinks that were unpiped one by one, what neither has comes back, once both said so") {
  const bool a_answers_first = GENERATE(false, true);
  sharing story;
  story.pipes(story.a);
  story.pipes(story.b);
  story.client_sends(10'000);
  story.unpipes(story.a);
  story.client_sends(5000); // to b alone
  story.unpipes(story.b);
  a_answers_first ? story.a.takes(4000) : story.b.takes(2000);
  story.pipes(story.next);
  story.w.pass(1s);
  if (!a_answers_first)
    CHECK(story.next.got.empty());
  story.a.takes(4000);
  story.b.takes(2000);
  story.w.pass(1s);
  CHECK((story.next.got == story.sent.substr(4000, 11'000)));
}

TEST_CASE("nobody waits for a sink that was unpiped first, if the other has everything") {
  sharing story;
  story.pipes(story.a);
  story.pipes(story.b);
  story.client_sends(10'000);
  story.unpipes(story.a);
  story.unpipes(story.b);
  story.b.takes(10'000);
  story.pipes(story.next);
  story.client_sends(1000);
  story.client_sends(1000);
  CHECK((story.next.got == story.sent.substr(10'000, 2000)));
  story.a.takes(3000);
  story.w.pass(1s);
  story.client_sends(1000);
  CHECK((story.next.got == story.sent.substr(10'000, 3000)));
}

TEST_CASE("a sink that joined late and took nothing holds back none of what was before it") {
  const bool a_answers_first = GENERATE(false, true);
  sharing story;
  story.pipes(story.a);
  story.client_sends(2000);
  story.pipes(story.b);
  story.client_sends(3000);
  story.handler.sends(story.peer, an::unpipe{});
  story.w.pass(1s);
  if (a_answers_first)
    story.a.takes(500);
  story.w.pass(1s);
  story.b.takes(0);
  story.w.pass(1s);
  story.a.takes(500);
  story.w.pass(1s);
  story.pipes(story.next);
  story.w.pass(1s);
  CHECK((story.next.got == story.sent.substr(500, 4500)));
}

TEST_CASE("what is given back goes first to a sink that joined meanwhile and got nothing yet") {
  sharing story;
  story.pipes(story.a);
  story.client_sends(2000);
  story.pipes(story.b);
  story.unpipes(story.a);
  story.client_sends(1000);
  CHECK(story.b.got.empty());
  story.a.takes(500);
  story.w.pass(1s);
  CHECK((story.b.got == story.sent.substr(500, 2500)));
}
