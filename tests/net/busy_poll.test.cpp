// SPDX-License-Identifier: BSD-3-Clause
#include "busy_poll.hpp"

#include "support/catch.hpp"

#include <chrono>

using namespace actornet::net;
using namespace std::chrono_literals;

namespace {

/// How many sleeps in a row begin without looking, before one that does not.
unsigned sleeps_at_once(busy_poll& poll) {
  unsigned count = 0;
  while (poll.next() == 0s)
    ++count;
  return count;
}

} // namespace

TEST_CASE("a loop that is not to poll busily sleeps at once") {
  busy_poll poll;
  for (int i = 0; i < 100; ++i)
    CHECK(poll.next() == 0s);
}

TEST_CASE("a loop looks as long as it may, and before each sleep while something comes") {
  busy_poll poll;
  poll.set_longest(50us);
  for (int i = 0; i < 100; ++i) {
    CHECK(poll.next() == 50us);
    poll.looked(true);
  }
}

TEST_CASE("a loop that is to look for ever looks for an hour, and then again") {
  busy_poll poll;
  poll.set_longest(duration::max());
  CHECK(poll.next() == 1h);
}

TEST_CASE("where nothing comes, a loop looks less and less, and anew when something does") {
  busy_poll poll;
  poll.set_longest(50us);
  for (unsigned skipped : {1u, 3u, 7u, 15u, 31u, 63u, 63u}) {
    poll.looked(false);
    CHECK(sleeps_at_once(poll) == skipped);
  }
  poll.looked(true);
  CHECK(sleeps_at_once(poll) == 0);
  poll.looked(false);
  CHECK(sleeps_at_once(poll) == 1);
}
