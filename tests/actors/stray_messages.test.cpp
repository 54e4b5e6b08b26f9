// SPDX-License-Identifier: BSD-3-Clause
#include "support/captured_output.hpp"
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include "log_sink.hpp"
#include "stray_messages.hpp"

#include <caf/scoped_actor.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::captured_output;
using an::test::port_80;
using an::test::served_client;
using Catch::Matchers::ContainsSubstring;

namespace {

an::coarse_clock::span time_now;

/// Reports on a clock that moves as the test says.
class reported_strays {
public:
  reported_strays() {
    time_now = 1h;
    log_.replace([this](std::string_view line) { lines.emplace_back(line); });
  }

  void comes(const std::string& text) { strays_.report(*actor_.ptr(), caf::make_message(text)); }

private:
  an::test::world w_;
  caf::scoped_actor actor_{w_.system()};
  an::log_sink log_;
  an::stray_messages strays_{log_, {[] { return time_now; }, 1ms}};

public:
  std::vector<std::string> lines;
};

} // namespace

TEST_CASE(
    "a message that a handler has no case for is refused, and the runtime's log tells of it") {
  captured_output output;
  for (auto where : {an::placement::loop, an::placement::scheduler}) {
    caf::actor handler;
    auto knows_numbers = [&](caf::event_based_actor* self, an::connection) -> caf::behavior {
      handler = self;
      return {[](int number) { return number; }};
    };
    served_client story({.address = port_80, .handlers = where}, {}, knows_numbers);
    std::vector<std::string> lines;
    story.w.net().on_log([&](std::string_view line) { lines.emplace_back(line); });
    story.w.pass(1s);
    CHECK(lines.empty()); // `connected` is an event
    CHECK(story.handler.asks(handler, std::string("a stray")).caf_failure() ==
          caf::make_error(caf::sec::unexpected_message));
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], ContainsSubstring("actor " + std::to_string(handler.id())) &&
                             ContainsSubstring("a stray"));
    CHECK(story.handler.asks(handler, 42).value<int>() == 42);
    handler = nullptr;
  }
  CHECK(output.text().empty());
}

TEST_CASE("strays are told of once a second, with their number") {
  reported_strays story;
  for (int i = 0; i < 50; ++i)
    story.comes("stray");
  REQUIRE(story.lines.size() == 1);
  time_now += 1s;
  story.comes("stray");
  REQUIRE(story.lines.size() == 2);
  CHECK_THAT(story.lines[1], ContainsSubstring("49 others"));
}

TEST_CASE("of a long stray only the beginning is told") {
  reported_strays story;
  story.comes("begin" + std::string(1'000'000, 'x'));
  REQUIRE(story.lines.size() == 1);
  CHECK_THAT(story.lines[0], ContainsSubstring("begin") && ContainsSubstring("..."));
  CHECK(story.lines[0].size() < 400);
}
