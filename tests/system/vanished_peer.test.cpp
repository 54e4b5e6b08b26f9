// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <algorithm>
#include <chrono>
#include <linux/filter.h>
#include <string>
#include <sys/socket.h>
#include <vector>

// A peer whose machine lost its power: nothing comes any more, and nothing is acknowledged.

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

/// From now on the kernel drops all that comes for `peer`, before TCP sees it.
void vanishes(const raw_socket& peer) {
  sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
  sock_fprog program{1, &nothing};
  REQUIRE(::setsockopt(peer.number(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ==
          0);
}

/// A connection, whose peer vanishes.
struct lonely_story {
  explicit lonely_story(an::listen_options chosen) {
    server = program.listens(seen.made(), std::move(chosen));
    peer = raw_socket::connected_to(program.address_of(server));
    REQUIRE(seen.sees("connected"));
    vanishes(peer);
  }
  ~lonely_story() {
    seen.forget_peer();
    program.orders(server, an::close{});
  }

  void check_timed_out() {
    REQUIRE(seen.sees("closed"));
    auto all = seen.now();
    CHECK(all.events.at(all.events.size() - 2) == "failed");
    CHECK(all.had_error);
    REQUIRE(all.why);
    CHECK(all.why->code() == "ETIMEDOUT");
    CHECK(all.why->port == peer.port());
  }

  host program;
  witness seen;
  an::listener server;
  raw_socket peer;
};

} // namespace

TEST_CASE("what a peer that vanished does not acknowledge in time breaks the connection") {
  lonely_story story({.address = any_port, .user_timeout = 200ms});
  if (GENERATE(false, true))
    REQUIRE(story.program.orders(story.seen.peer(), an::pause{}));
  // The kernel takes it: that nobody gets it shows later.
  CHECK(story.program.asks<an::written>(story.seen.peer(), an::write{an::text("anybody?")}));
  story.check_timed_out();
  CHECK(story.seen.now().events == words{"connected", "failed", "closed"});
}

TEST_CASE("a write that waits for a peer that vanished fails with ETIMEDOUT") {
  lonely_story story({.address = any_port, .send_buffer_bytes = 10'000, .user_timeout = 200ms});
  auto much = an::write{an::chunk::from(std::string(5'000'000, 'x'))};
  auto answer = story.program.asks<an::written>(story.seen.peer(), much);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == "ETIMEDOUT");
  story.check_timed_out();
}

// Times of keep-alive are whole seconds.
TEST_CASE("keep-alive finds out that an idle peer vanished, and its probes are no activity") {
  lonely_story story({.address = any_port,
                      .keep_alive = an::keep_alive_options{true, 1s, 1s, 1},
                      .idle_timeout = 400ms});
  story.check_timed_out();
  auto events = story.seen.now().events;
  CHECK(std::count(events.begin(), events.end(), "timeout") == 1);
}
