// SPDX-License-Identifier: BSD-3-Clause

// Method: random schedules, as in pipe_schedules.test.cpp, of a file that is read: it is piped to
// one connection, then to the other, unpiped, paused and resumed, while the file hangs, their peers
// read or do not, and the program writes to them as well. Whatever is done, what the connections
// were said to have taken, one after the other, is the file. ACTORNET_SEED=n runs one alone.

#include "support/catch.hpp"
#include "support/random_seeds.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::world;
using an::testkit::probe;

namespace {

const std::string path = "/files/in";
const std::string program_mark = "\xff";

class random_schedule {
public:
  explicit random_schedule(std::uint64_t seed)
      : engine_(seed), w_({.network = network(seed), .loops = 1 + upto(1)}), program_(w_) {
    for (auto& each : bytes_)
      each = static_cast<char>(upto(254)); // the last is the program's
    w_.network().put_file(path, bytes_);
    for (std::uint16_t i = 0; i < 2; ++i)
      connects(static_cast<std::uint16_t>(90 + i));
    length_ = upto(1) == 0 ? bytes_.size() : upto(bytes_.size());
    source_ = *w_.net().open_source(
        {.path = path, .length = length_, .window_bytes = upto(1) == 0 ? 5000u : 100'000u},
        an::test::spawned(w_.system(), [this](caf::event_based_actor*) { return recorded(); }));
  }

  void run() {
    for (auto steps = 5 + upto(60); steps > 0; --steps) {
      act();
      if (upto(1) == 0)
        w_.pass(std::chrono::microseconds(upto(3000)));
    }
    let_it_end();
    check();
  }

private:
  struct far_side {
    an::net::simulated_peer_listener servers;
    an::connection peer;
    an::net::simulated_peer server{nullptr};
    std::ptrdiff_t written = 0;
    std::size_t checked = 0;
  };

  std::uint64_t upto(std::uint64_t most) { return engine_() % (most + 1); }

  an::net::simulated_network::options network(std::uint64_t seed) {
    an::net::simulated_network::options chosen;
    chosen.seed = seed;
    chosen.partial_send_chance = upto(1) == 0 ? 0.5 : 0.1;
    chosen.send_buffer_bytes = upto(1) == 0 ? 1000 : 64'000;
    return chosen;
  }

  void connects(std::uint16_t port) {
    auto servers = *w_.network().peer_listens(endpoint::loopback_ipv4(port));
    auto peer =
        *w_.net().connect({.address = "tcp://127.0.0.1:" + std::to_string(port)}, caf::actor());
    w_.run_until([&] { return servers.waiting() > 0; });
    auto server = servers.accepts();
    far_.push_back({std::move(servers), std::move(peer), std::move(server)});
  }

  caf::behavior recorded() {
    return {
        [this](const an::source_unpiped& event) {
          turns_.emplace_back(event.to.id(), event.bytes);
        },
        [this](const an::source_closed&) { is_closed_ = true; },
    };
  }

  far_side& one_of_far() { return far_[upto(far_.size() - 1)]; }

  void act() {
    auto& far = one_of_far();
    switch (upto(9)) {
    case 0:
    case 1:
    case 2:
      program_.sends(source_, an::unpipe{});
      return program_.sends(source_, an::pipe{.to = far.peer, .end_sink = false});
    case 3:
      return program_.sends(source_, an::unpipe{});
    case 4:
      return program_.sends(source_, an::pause{});
    case 5:
      return program_.sends(source_, an::resume{});
    case 6:
      ++far.written;
      return program_.sends(far.peer, an::write{an::text(program_mark)});
    case 7:
      return far.server.stops_reading();
    case 8:
      return far.server.reads();
    default:
      return upto(1) == 0 ? w_.network().hang_file(path) : w_.network().continue_file(path);
    }
  }

  void let_it_end() {
    w_.network().continue_file(path);
    for (auto& each : far_)
      each.server.reads();
    w_.pass(1s);
    if (!is_closed_) { // else it is at its end already
      program_.sends(source_, an::unpipe{});
      program_.sends(source_, an::pipe{.to = far_.front().peer, .end_sink = false});
    }
    CHECK(w_.run_until([&] { return is_closed_; }));
    w_.pass(1s);
  }

  void check() {
    std::string all;
    for (const auto& [sink, bytes] : turns_) {
      auto& far = far_.front().peer.id() == sink ? far_.front() : far_.back();
      auto piped = far.server.received();
      std::erase(piped, program_mark.front());
      REQUIRE(piped.size() >= far.checked + bytes);
      all += piped.substr(far.checked, bytes);
      far.checked += bytes;
    }
    for (auto& each : far_) {
      const auto got = each.server.received();
      CHECK(std::count(got.begin(), got.end(), program_mark.front()) == each.written);
      CHECK(got.size() == each.checked + static_cast<std::size_t>(each.written));
    }
    CHECK(all.size() == length_);
    CHECK((all == bytes_.substr(0, length_)));
  }

  std::mt19937_64 engine_;
  std::vector<std::pair<caf::actor_id, std::uint64_t>> turns_;
  bool is_closed_ = false;
  world w_;
  probe program_;
  std::string bytes_ = std::string(upto(400'000), '\0');
  std::size_t length_ = 0;
  std::vector<far_side> far_;
  an::file_source source_;
};

} // namespace

TEST_CASE("whatever is done to the pipes of a file: every byte goes out once, in order",
          "[soak][random]") {
  an::test::for_random_seeds({.usual = 300, .soak = 5000},
                             [](std::uint64_t seed) { random_schedule(seed).run(); });
}
