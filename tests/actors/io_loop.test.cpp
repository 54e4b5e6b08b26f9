// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/driven_loop.hpp"
#include "support/world.hpp"

#include "loop_function.hpp"

// What a loop does between the steps of one turn.

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::driven_loop;

namespace {

an::coarse_clock::span time_now;

/// A loop whose handlers have 10 ms, on a clock that moves as the test says.
an::loop_settings with_a_clock() {
  time_now = 1h;
  an::loop_settings chosen;
  chosen.handler_budget = 10ms;
  chosen.clock = {[] { return time_now; }, 1ms};
  return chosen;
}

} // namespace

TEST_CASE("the time that a loop waits is no handler's, even if one had its turn just before") {
  an::test::world w;
  driven_loop here(w, with_a_clock());
  int handled = 0;
  auto handler = an::loop_function::spawn(
      here.loop, [&](auto*) -> caf::behavior { return {[&](const an::timeout&) { ++handled; }}; });
  here.turns(2);
  auto tells = [&] {
    an::timeout event;
    CHECK(an::hosted_actor::behind(handler)->take_now(event));
  };
  here.backend->in_flush = tells; // as io_uring does
  here.backend->in_poll = [&] {
    time_now += 5s;
    tells();
  };
  here.turns(1);
  CHECK(handled == 2);
  CHECK(here.loop.slow_handlers() == 0);
  CHECK(here.lines.empty());
  here.backend->in_flush = nullptr;
  here.backend->in_poll = nullptr;
}
