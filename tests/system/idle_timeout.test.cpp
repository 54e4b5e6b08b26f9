// SPDX-License-Identifier: BSD-3-Clause

// Whether a slow write is idle, which only the kernel can tell: it makes room in large steps, and
// acknowledges in small ones. The times are generous, the machine may be busy.

#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/watched.hpp"
#include "system/witness.hpp"

#include <chrono>
#include <optional>

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

constexpr auto idle_timeout = 400ms;
constexpr int small_buffer = 16 * 1024;
// So much room has to come before the kernel says that there is some: a third of twice of it.
constexpr std::size_t large_buffer = 1'000'000;

/// When a connection was idle for the first time, and when it broke.
struct record {
  std::optional<an::connection> peer;
  std::optional<clock::time_point> idle;
  std::optional<clock::time_point> broken;
};

an::handler writes_much(const std::shared_ptr<watched<record>>& seen) {
  return [seen](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {
        [=](const an::connected&) {
          seen->change([&](record& all) { all.peer = peer; });
          self->send(peer, an::write{an::chunk::from(std::string(8 * large_buffer, 'x'))});
        },
        [=](const an::timeout&) {
          seen->change([](record& all) {
            if (!all.idle)
              all.idle = clock::now();
          });
        },
        [=](const an::failed&) { seen->change([](record& all) { all.broken = clock::now(); }); }};
  };
}

struct slow_story {
  explicit slow_story(an::listen_options how) {
    how.address = any_port;
    how.send_buffer_bytes = large_buffer;
    server = program.listens(writes_much(seen), std::move(how));
    client = raw_socket::connected_to(program.address_of(server), small_buffer);
    seen->becomes([](const record& all) { return all.peer.has_value(); });
  }
  ~slow_story() {
    client.close();
    seen->change([](record& all) { all.peer.reset(); });
    caf::anon_send(server, an::close{});
    server = nullptr;
  }

  /// For so long, and so slowly that room in the kernel's buffer is told far more seldom than a
  /// time-out comes: when the peer last read.
  clock::time_point reads_slowly_for(std::chrono::milliseconds time) {
    const auto begin = clock::now();
    auto last_read = begin;
    std::size_t taken = 0;
    while (clock::now() - begin < time) {
      last_read = clock::now();
      taken += client.receives(8 * 1024).size();
      raw_socket::dawdles(20ms);
    }
    CHECK(taken < large_buffer);
    return last_read;
  }

  std::uint64_t acknowledged() {
    return program.asks<an::connection_info>(*seen->now().peer, an::get_info{})->bytes_acknowledged;
  }

  std::shared_ptr<watched<record>> seen = std::make_shared<watched<record>>();
  host program;
  an::listener server;
  raw_socket client;
};

} // namespace

TEST_CASE("progress of a slow write is activity, and a write that stands still is none") {
  slow_story story({.address = "", .idle_timeout = idle_timeout});
  auto last_read = story.reads_slowly_for(4 * idle_timeout);
  CHECK_FALSE(story.seen->now().idle);
  // Now the peer reads no more.
  REQUIRE(story.seen->becomes([](const record& all) { return all.idle.has_value(); }));
  auto silence = *story.seen->now().idle - last_read;
  CHECK(silence >= idle_timeout - idle_timeout / 4);
  CHECK(silence < 2 * idle_timeout);
}

TEST_CASE("who reads slowly is cut off by no deadline, and soon once he reads no more") {
  for (const auto& how : {an::listen_options{.address = "", .idle_max = idle_timeout},
                          an::listen_options{.address = "", .write_stall_timeout = idle_timeout}}) {
    slow_story story(how);
    auto last_read = story.reads_slowly_for(4 * idle_timeout);
    CHECK_FALSE(story.seen->now().broken);
    REQUIRE(story.seen->becomes([](const record& all) { return all.broken.has_value(); }));
    auto silence = *story.seen->now().broken - last_read;
    CHECK(silence >= idle_timeout - idle_timeout / 4);
    CHECK(silence < 3 * idle_timeout); // seen after at most twice as long
  }
}

TEST_CASE("what the peer has acknowledged is told, and is less than what the kernel took") {
  slow_story story({.address = "", .idle_timeout = idle_timeout});
  story.client.receives_all(100'000);
  auto told = story.acknowledged();
  CHECK(told >= 100'000);
  CHECK(told < large_buffer);
}
