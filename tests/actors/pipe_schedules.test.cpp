// SPDX-License-Identifier: BSD-3-Clause

// Method: random schedules. From a seed come the network's chances, and what a program does to one
// connection, step by step: pipes to new and to old sinks (files and another connection), unpipes,
// pauses and resumes, while the disk fills up, files hang, the other connection's peer reads or
// does not, the program writes to it as well, and sinks are ended. Whatever it does, what the sinks
// say they took and what the handler got, one after the other, is what was sent; and the sinks have
// just that, and what the program wrote. ACTORNET_SEED=n runs one alone.

#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/random_seeds.hpp"
#include "support/served_client.hpp"
#include "support/spawned.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace an = actornet;
using an::net::endpoint;
using an::test::at_80;
using an::test::dice;
using an::test::port_80;
using an::test::world;
using an::testkit::probe;

namespace {

const std::string program_mark = "\xff";

/// Who had the bytes, in turn: a sink, of which it is told later how many, or the handler.
struct turn {
  caf::actor_id sink = 0;
  bool is_over = false;
  std::uint64_t bytes = 0;
  std::string told = {};
};

struct turns {
  std::vector<turn> all;
  bool is_closed = false;

  void told(std::string_view bytes) {
    if (all.empty() || all.back().sink != 0)
      all.push_back({0, true});
    all.back().told += bytes;
  }

  void piped_to(caf::actor_id sink) { all.push_back({sink}); }

  void unpiped_from(caf::actor_id sink, std::uint64_t bytes) {
    for (auto& each : all)
      if (each.sink == sink && !each.is_over) {
        each.is_over = true;
        each.bytes = bytes;
        return;
      }
    FAIL("unpiped what was not piped");
  }

  bool is_under_way(caf::actor_id sink) const {
    return std::any_of(all.begin(), all.end(),
                       [&](const turn& each) { return each.sink == sink && !each.is_over; });
  }
  bool are_over() const {
    return std::all_of(all.begin(), all.end(), [](const turn& each) { return each.is_over; });
  }

  static caf::behavior recorded_by(turns& into) {
    auto* log = &into;
    return {
        [=](const an::data& event) { log->told(event.bytes.view()); },
        [=](const an::piped& event) { log->piped_to(event.to.id()); },
        [=](const an::unpiped& event) { log->unpiped_from(event.from.id(), event.bytes); },
        [=](const an::end&) {},
        [=](const an::closed&) { log->is_closed = true; },
    };
  }
};

class random_schedule {
public:
  explicit random_schedule(std::uint64_t seed)
      : chance_(seed), w_({.network = network(seed), .loops = 1 + chance_.upto(2)}), program_(w_) {
    auto records = [this](caf::event_based_actor*) -> caf::behavior {
      return turns::recorded_by(log_);
    };
    auto handler = chance_.chance(50) ? w_.net().spawn_on_loop(records)
                                      : an::test::spawned(w_.system(), records);
    probe owner(w_);
    an::listen_options chosen{.address = port_80};
    chosen.pause_on_connect = chance_.chance(30);
    chosen.receive_window_bytes = chance_.one_of<std::size_t>({1, 5000, 100'000});
    chosen.owner = owner.actor();
    server_ = *w_.net().listen(chosen, handler);
    client_ = w_.network().peer_connects(at_80);
    owner.expects<an::listening>();
    peer_ = owner.expects<an::accepted>().peer;
    far_ =
        *w_.net().connect({.address = "tcp://127.0.0.1:90", .allow_half_open = true}, caf::actor());
    w_.run_until([&] { return far_servers_.waiting() > 0; });
    far_server_ = far_servers_.accepts();
  }

  void run() {
    for (auto steps = 5 + chance_.upto(50); steps > 0; --steps) {
      if (chance_.chance(40))
        client_sends();
      else
        program_acts();
      if (chance_.chance(60))
        w_.pass(std::chrono::microseconds(chance_.upto(3000)));
    }
    let_it_end();
    check();
  }

private:
  an::net::simulated_network::options network(std::uint64_t seed) {
    an::net::simulated_network::options chosen;
    chosen.seed = seed;
    chosen.partial_receive_chance = chance_.one_of<double>({0, 0.1, 0.5});
    chosen.partial_send_chance = chance_.one_of<double>({0, 0.1, 0.5});
    chosen.send_buffer_bytes = chance_.one_of<std::size_t>({1000, 10'000, 64'000});
    chosen.receive_buffer_bytes = chance_.one_of<std::size_t>({1000, 10'000, 64'000});
    return chosen;
  }

  void client_sends() {
    std::string bytes(chance_.upto(chance_.chance(20) ? 100'000 : 3000), '\0');
    for (auto& each : bytes)
      each = static_cast<char>(chance_.upto(254)); // the last is the program's
    sent_ += bytes;
    client_.sends(bytes);
  }

  void program_acts() {
    switch (chance_.upto(14)) {
    case 0:
    case 1:
    case 2:
      return pipes_to(opens());
    case 3:
      return files_.empty() ? pipes_to(far_) : pipes_to(chance_.one_of(files_));
    case 4:
      return pipes_to(far_);
    case 5:
    case 6:
      return program_.sends(peer_, an::unpipe{});
    case 7:
      return program_.sends(peer_, an::pause{});
    case 8:
      return program_.sends(peer_, an::resume{});
    case 9:
      return w_.network().limit_disk(chance_.chance(50) ? chance_.upto(20'000) : SIZE_MAX / 2);
    case 10:
      if (!files_.empty())
        program_.sends(chance_.one_of(files_), an::finish{});
      return;
    case 11:
    case 12:
      ++written_;
      return program_.sends(far_, an::write{an::text(program_mark)});
    case 13:
      return chance_.chance(50) ? far_server_.stops_reading() : far_server_.reads();
    default:
      if (paths_.empty())
        return;
      auto path = chance_.one_of(paths_);
      return chance_.chance(50) ? w_.network().hang_file(path) : w_.network().continue_file(path);
    }
  }

  // One sink at a time, though the one before may not be done yet.
  template <class Sink> void pipes_to(const Sink& to) {
    program_.sends(peer_, an::unpipe{});
    if (std::exchange(last_, to.id()) == to.id() || log_.is_under_way(to.id()))
      return; // it could not be told whose turn is over
    program_.asks(peer_, an::pipe{.to = to, .end_sink = false});
  }

  an::file_sink opens() {
    paths_.push_back("/files/" + std::to_string(paths_.size()));
    files_.push_back(*w_.net().open_sink({.path = paths_.back()}));
    path_of_[files_.back().id()] = paths_.back();
    return files_.back();
  }

  void let_it_end() {
    for (const auto& each : paths_)
      w_.network().continue_file(each);
    w_.network().limit_disk(SIZE_MAX / 2);
    far_server_.reads();
    program_.sends(peer_, an::resume{});
    w_.pass(1s);
    program_.sends(peer_, an::unpipe{});
    CHECK(w_.run_until([&] { return log_.are_over(); }));
    program_.sends(peer_, an::resume{});
    client_.finishes();
    CHECK(w_.run_until([&] { return log_.is_closed; }));
    w_.pass(1s);
  }

  std::string had_by(caf::actor_id sink) {
    auto found = path_of_.find(sink);
    if (found != path_of_.end())
      return w_.network().file_bytes(found->second).value_or("");
    auto piped = far_server_.received();
    std::erase(piped, program_mark.front());
    return piped;
  }

  void check() {
    std::string all;
    std::map<caf::actor_id, std::uint64_t> read;
    for (const auto& each : log_.all) {
      all += each.told;
      if (each.sink == 0)
        continue;
      auto& from = read[each.sink];
      auto part = had_by(each.sink);
      REQUIRE(part.size() >= from + each.bytes);
      all += part.substr(from, each.bytes);
      from += each.bytes;
    }
    for (const auto& [sink, bytes] : read)
      CHECK(had_by(sink).size() == bytes);
    const auto far_bytes = far_server_.received();
    CHECK(std::count(far_bytes.begin(), far_bytes.end(), program_mark.front()) == written_);
    CHECK(all.size() == sent_.size());
    CHECK((all == sent_));
  }

  dice chance_;
  turns log_;
  world w_;
  probe program_;
  an::net::simulated_peer_listener far_servers_{
      *w_.network().peer_listens(endpoint::loopback_ipv4(90))};
  an::net::simulated_peer far_server_{nullptr};
  an::net::simulated_peer client_{nullptr};
  an::listener server_;
  an::connection peer_;
  an::connection far_;
  std::vector<std::string> paths_;
  std::vector<an::file_sink> files_;
  std::map<caf::actor_id, std::string> path_of_;
  std::string sent_;
  std::ptrdiff_t written_ = 0; // by the program, to far_
  caf::actor_id last_ = 0;
};

} // namespace

TEST_CASE("whatever is piped, unpiped, paused and resumed: every byte comes out once, in order",
          "[soak][random]") {
  an::test::for_random_seeds({.usual = 300, .soak = 5000},
                             [](std::uint64_t seed) { random_schedule(seed).run(); });
}
