// SPDX-License-Identifier: BSD-3-Clause

// By chance, a stream is received from, pumped into a file, or into another stream, and left alone;
// every pump is stopped in the middle of whatever it does. However that goes, what everybody got,
// in the order in which it was taken, is what was sent.

#include "support/connected_pair.hpp"
#include "support/random_seeds.hpp"
#include "support/recorded_file.hpp"
#include "support/recorded_pump.hpp"
#include "support/simulated_world.hpp"

#include "simulation/random.hpp"

using namespace actornet::net;
using namespace actornet::test;

namespace {

class schedule_of_pumps {
public:
  schedule_of_pumps(backend_world& world, std::uint64_t seed, std::size_t bytes)
      : world_(world), dice_(seed), sent_(pattern(bytes)), source_(world), sink_(world) {
    file_.open(world.backend(), world.path("out"));
    sink_.client.socket->start_receiving();
    source_.client.socket->send(chunk::copy_of(sent_));
    source_.client.socket->finish();
  }

  void run() {
    for (int round = 0; round < rounds_max && !is_over_; ++round)
      switch (dice_.between(0, 3)) {
      case 0:
        receive();
        break;
      case 1:
        pump_into_file();
        break;
      case 2:
        pump_into_stream();
        break;
      default:
        turn_some();
      }
    if (!is_over_)
      receive_the_rest();
    CHECK(got_.size() == sent_.size());
    CHECK(got_ == sent_);
    // A thread that is still about to open it would truncate what the next one writes there.
    CHECK(world_.run_until([&] { return file_.was_told("opened"); }));
  }

private:
  static constexpr int rounds_max = 60;

  void turn_some() {
    for (auto turns = dice_.between(0, 12); turns > 0; --turns)
      world_.turn();
  }

  void receive() {
    source_.server.socket->start_receiving();
    turn_some();
    source_.server.socket->stop_receiving();
    for (int turns = 0; turns < 4; ++turns) // what was on its way
      world_.turn();
    got_ += std::exchange(source_.server.received, {});
    is_over_ = source_.server.was_told("end");
  }

  void receive_the_rest() {
    source_.server.socket->start_receiving();
    REQUIRE(world_.run_until([&] { return source_.server.was_told("end"); }));
    got_ += std::exchange(source_.server.received, {});
  }

  void pump_into_file() {
    recorded_pump pump;
    pump.start(world_.backend(), *source_.server.socket, file_.file->share());
    finish(pump);
    const auto in_file = // which may not have been made yet
        world_.file_bytes(world_.path("out")).value_or(std::string());
    got_ += in_file.substr(in_file.size() - pump.moved) + pump.taken_back;
  }

  void pump_into_stream() {
    recorded_pump pump;
    pump.start(world_.backend(), *source_.server.socket, *sink_.server.socket);
    finish(pump);
    relayed_ += pump.moved;
    REQUIRE(world_.run_until([&] { return sink_.client.received.size() == relayed_; }));
    got_ += sink_.client.received.substr(relayed_ - pump.moved) + pump.taken_back;
  }

  void finish(recorded_pump& pump) {
    turn_some();
    if (!(is_over_ = pump.was_told("source_end"))) {
      pump.pump->stop();
      REQUIRE(world_.run_until([&] { return pump.was_told("stopped"); }));
    }
  }

  backend_world& world_;
  simulation::random dice_;
  const std::string sent_;
  connected_pair source_;
  connected_pair sink_;
  recorded_file file_;
  std::string got_;
  std::size_t relayed_ = 0;
  bool is_over_ = false;
};

} // namespace

TEST_CASE("no schedule of pumps loses a byte, or tells one twice", "[soak][random]") {
  for_random_seeds({.usual = 2'000, .soak = 50'000}, [](std::uint64_t seed) {
    simulated_network::options chosen;
    chosen.seed = seed;
    chosen.partial_receive_chance = chosen.partial_send_chance = seed % 2 ? 0.5 : 0.1;
    simulated_world world(chosen);
    schedule_of_pumps(world, seed, 30'000).run();
  });
}

TEST_CASE("no schedule of pumps on real sockets loses a byte, or tells one twice",
          "[backend][soak][random]") {
  ON_EVERY_KERNEL_BACKEND(world);
  for_random_seeds({.usual = 100, .soak = 1'000},
                   [&](std::uint64_t seed) { schedule_of_pumps(world, seed, 3'000'000).run(); });
}
