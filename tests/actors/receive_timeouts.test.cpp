// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <caf/abstract_actor.hpp>

#include <chrono>
#include <string>

// Receive timeouts of CAF's own (`after`), which begin or end with an event.

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::port_80;
using an::test::served_client;
using an::test::without_chance;

namespace {

/// "on" asks for a timeout, "off" for none, anything else for one and for none again.
caf::behavior changes_its_mind(caf::event_based_actor* self) {
  return {[=](const an::data& event) {
    if (event.bytes.view() == "off")
      return;
    self->become(
        caf::keep_behavior,
        [=](const an::data& next) {
          if (next.bytes.view() == "off")
            self->unbecome();
        },
        caf::after(std::chrono::minutes(60)) >> [] {});
    if (event.bytes.view() != "on")
      self->unbecome();
  }};
}

bool has_timeout(const caf::actor& handler) {
  return caf::actor_cast<caf::abstract_actor*>(handler)->getf(
      caf::abstract_actor::has_timeout_flag);
}

} // namespace

TEST_CASE("a receive timeout begins and ends with the event at which its handler says so") {
  caf::actor handler;
  auto timed = [&](caf::event_based_actor* self, an::connection) {
    handler = self;
    return changes_its_mind(self);
  };
  served_client story({.address = port_80}, without_chance(), timed);
  auto after = [&](const std::string& bytes) {
    story.client.sends(bytes);
    story.w.pass(1s);
    return has_timeout(handler);
  };
  CHECK_FALSE(after("off"));
  CHECK(after("on"));
  CHECK(after("more"));
  CHECK_FALSE(after("off"));
  CHECK_FALSE(after("on and off"));
  CHECK(after("on"));
  handler = nullptr;
}
