// SPDX-License-Identifier: BSD-3-Clause

// Method: as tests/actors/pipe_schedules.test.cpp, on real sockets and real files: from a seed
// comes what a program does to a connection while its client sends: pipes to files and to another
// connection, to which the program writes as well. ACTORNET_SEED=n runs one alone.

#include "support/catch.hpp"
#include "support/random_seeds.hpp"
#include "support/temporary_directory.hpp"
#include "system/function_actor.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/watched.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace an = actornet;
using namespace actornet::test;

namespace {

const std::string program_mark = "\xff";

/// Who had the bytes, in turn: a sink, or, with no sink, the handler.
struct turn {
  caf::actor_id sink = 0;
  bool is_over = false;
  std::uint64_t bytes = 0;
  std::string told = {};
};

struct turns {
  std::vector<turn> all;
  std::optional<an::connection> peer;
  bool is_closed = false;
};

caf::behavior recorded_by(watched<turns>& log) {
  auto* into = &log;
  return {
      [=](const an::connected& event) {
        into->change([&](turns& so_far) { so_far.peer = event.peer; });
      },
      [=](const an::data& event) {
        into->change([&](turns& so_far) {
          if (so_far.all.empty() || so_far.all.back().sink != 0)
            so_far.all.push_back({0, true});
          so_far.all.back().told += event.bytes.view();
        });
      },
      [=](const an::piped& event) {
        into->change([&](turns& so_far) { so_far.all.push_back({event.to.id()}); });
      },
      [=](const an::unpiped& event) {
        into->change([&](turns& so_far) {
          for (auto& each : so_far.all)
            if (each.sink == event.from.id() && !each.is_over) {
              each.is_over = true;
              each.bytes = event.bytes;
              return;
            }
        });
      },
      [=](const an::end&) {},
      [=](const an::closed&) { into->change([](turns& so_far) { so_far.is_closed = true; }); },
  };
}

class random_schedule {
public:
  random_schedule(host& program, std::uint64_t seed) : program_(program), engine_(seed) {}

  void run() {
    auto server = program_.listens(
        [this](caf::event_based_actor*, an::connection) { return recorded_by(log_); },
        {.address = any_port,
         .pause_on_connect = upto(1) == 0,
         .receive_window_bytes = upto(1) == 0 ? 5000u : 100'000u});
    auto client = raw_socket::connected_to(program_.address_of(server));
    REQUIRE(log_.becomes([](const turns& so_far) { return so_far.peer.has_value(); }));
    auto peer = *log_.now().peer;
    auto far_server = raw_socket::listening(1);
    far_ = program_.connects({.address = "tcp://127.0.0.1:" + std::to_string(far_server.port()),
                              .near = upto(1) == 0 ? peer : an::connection()},
                             caf::actor());
    auto far_side = far_server.accepts();
    std::string far_bytes;
    std::thread far_reader([&] { far_bytes = far_side.receives_to_end(); });
    std::string sent(upto(2'000'000), '\0');
    for (auto& each : sent)
      each = static_cast<char>(upto(254)); // the last is the program's
    std::thread sender([&] {
      client.sends(sent);
      client.finishes();
    });
    for (auto steps = 3 + upto(20); steps > 0; --steps)
      act(peer);
    // What it does not get any more because it has ended is no loss.
    (void)program_.orders(peer, an::unpipe{});
    (void)program_.orders(peer, an::resume{});
    CHECK(log_.becomes([](const turns& so_far) { return so_far.is_closed; }));
    sender.join();
    (void)program_.orders(far_, an::finish{});
    far_reader.join();
    CHECK(std::erase(far_bytes, program_mark.front()) == written_);
    check(sent, far_bytes);
    caf::anon_send(std::exchange(far_, an::connection()), an::destroy{});
    log_.change([](turns& so_far) { so_far = {}; });
    files_.clear();
    caf::anon_send(server, an::close{});
  }

private:
  std::uint64_t upto(std::uint64_t most) { return engine_() % (most + 1); }

  void act(const an::connection& peer) {
    switch (upto(8)) {
    case 0:
    case 1:
    case 2: {
      (void)program_.orders(peer, an::unpipe{});
      auto path = folder_ / std::to_string(paths_.size());
      files_.push_back(*program_.net().open_sink({.path = path}));
      paths_[files_.back().id()] = path;
      (void)program_.orders(peer, an::pipe{.to = files_.back(), .end_sink = upto(1) == 0});
      return;
    }
    case 3:
    case 4:
      (void)program_.orders(peer, an::unpipe{});
      (void)program_.orders(peer, an::pipe{.to = far_, .end_sink = false});
      return;
    case 5:
      ++written_;
      caf::anon_send(far_, an::write{an::text(program_mark)});
      return;
    case 6:
      (void)program_.orders(peer, an::unpipe{});
      return;
    case 7:
      (void)program_.orders(peer, an::pause{});
      return;
    default:
      (void)program_.orders(peer, an::resume{});
    }
  }

  void check(const std::string& sent, std::string_view far_bytes) {
    std::string all;
    for (const auto& each : log_.now().all) {
      REQUIRE(each.is_over);
      all += each.told;
      if (each.sink == far_.id()) {
        all += far_bytes.substr(0, each.bytes);
        far_bytes.remove_prefix(std::min<std::size_t>(each.bytes, far_bytes.size()));
      } else if (each.sink != 0) {
        auto bytes = bytes_of_file(paths_[each.sink]).value_or("");
        CHECK(bytes.size() == each.bytes);
        all += bytes;
      }
    }
    for (const auto& each : files_)
      caf::anon_send(each, an::destroy{});
    CHECK(far_bytes.empty());
    CHECK(all.size() == sent.size());
    CHECK((all == sent));
  }

  host& program_;
  std::mt19937_64 engine_;
  temporary_directory folder_;
  watched<turns> log_;
  std::vector<an::file_sink> files_;
  an::connection far_;
  std::size_t written_ = 0; // by the program, to far_
  std::map<caf::actor_id, std::string> paths_;
};

} // namespace

TEST_CASE("random pipes, unpipes, pauses and resumes lose no byte of a real socket",
          "[soak][random]") {
  host program(2);
  for_random_seeds({.usual = 100, .soak = 1000},
                   [&](std::uint64_t seed) { random_schedule(program, seed).run(); });
}
