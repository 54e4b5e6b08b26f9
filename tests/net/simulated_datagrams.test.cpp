// SPDX-License-Identifier: BSD-3-Clause
// What the simulated network does to datagrams.
#include "support/recorded_datagrams.hpp"

#include <actornet/net/simulated_network.hpp>

#include <algorithm>
#include <cerrno>
#include <string>

using namespace actornet::net;
using namespace actornet::test;

namespace {

/// What a peer on port 9 gets of 300 numbered datagrams of another.
std::vector<int> numbers_through(simulated_network& network) {
  auto there = network.peer_opens({.bind_to = endpoint::loopback_ipv4(9)});
  auto here = network.peer_opens({});
  REQUIRE((here && there));
  for (int i = 0; i < 300; ++i)
    REQUIRE(here->sends(there->local(), std::to_string(i)));
  while (network.step()) {
  }
  std::vector<int> found;
  for (const auto& each : there->received())
    found.push_back(std::stoi(each.bytes));
  return found;
}

bool in_order(const std::vector<int>& all) { return std::is_sorted(all.begin(), all.end()); }

} // namespace

TEST_CASE("without chance every simulated datagram arrives once and in order") {
  simulated_network network({.seed = 3});
  auto found = numbers_through(network);
  CHECK(found.size() == 300);
  CHECK(in_order(found));
}

TEST_CASE("simulated datagrams are lost, doubled and overtake each other by chance") {
  simulated_network lossy({.seed = 3, .datagram_loss_chance = 0.2});
  auto left = numbers_through(lossy);
  CHECK(left.size() < 300);
  CHECK(left.size() > 150);
  CHECK(in_order(left));
  simulated_network doubling({.seed = 3, .datagram_duplicate_chance = 0.2});
  CHECK(numbers_through(doubling).size() > 300);
  simulated_network mixing({.seed = 3, .datagram_reorder_chance = 0.2});
  auto mixed = numbers_through(mixing);
  CHECK(mixed.size() == 300);
  CHECK_FALSE(in_order(mixed));
}

TEST_CASE("the same seed does the same to datagrams") {
  auto run = [](std::uint64_t seed) {
    simulated_network network({.seed = seed,
                               .datagram_loss_chance = 0.1,
                               .datagram_duplicate_chance = 0.1,
                               .datagram_reorder_chance = 0.1});
    auto found = numbers_through(network);
    return std::pair(found, network.trace_hash());
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}

TEST_CASE("a simulated peer hears a group that it joined, and what comes back") {
  simulated_network network({.seed = 4});
  const auto group = endpoint::ipv4({239, 0, 0, 1}, 7000);
  auto member = network.peer_opens({.bind_to = endpoint::any_ipv4(7000), .reuse_address = true});
  auto stranger = network.peer_opens({.bind_to = endpoint::any_ipv4(7000), .reuse_address = true});
  auto sender = network.peer_opens({});
  REQUIRE((member && stranger && sender));
  REQUIRE(member->joins({group}));
  CHECK(member->joins({group}).error().code() == "EADDRINUSE");
  REQUIRE(sender->sends(group, "news"));
  while (network.step()) {
  }
  REQUIRE(member->received().size() == 1);
  CHECK(member->received()[0].from == endpoint::ipv4({192, 0, 2, 1}, sender->local().port()));
  CHECK(member->takes()[0].to == group);
  CHECK(stranger->received().empty());
  REQUIRE(member->leaves({group}));
  stranger->closes();
  member->closes();
  REQUIRE(sender->connects(endpoint::loopback_ipv4(7000)));
  REQUIRE(sender->sends({}, "anybody?"));
  while (network.step()) {
  }
  CHECK(sender->errors() == std::vector<int>{ECONNREFUSED});
}

TEST_CASE("sends fail where a test wants them to") {
  simulated_network network({.seed = 4});
  auto backend = network.make_backend();
  recorded_datagrams here;
  open_datagrams(*backend, here);
  const auto far = endpoint::ipv4({198, 51, 100, 1}, 5);
  network.fail_sends(far, ENETUNREACH);
  here.socket->send(text("x"), far, 1);
  network.fail_sends(far.with_port(0), EHOSTUNREACH);
  here.socket->send(text("x"), far.with_port(6), 2);
  auto run = [&] {
    do
      backend->poll(backend->now());
    while (network.step());
  };
  run();
  REQUIRE(here.outcomes.size() == 2);
  CHECK(here.outcomes[0].failure->code() == "ENETUNREACH");
  CHECK(here.outcomes[1].failure->code() == "EHOSTUNREACH");
  auto connected = here.socket->connect(far);
  REQUIRE_FALSE(connected);
  CHECK(connected.error().code() == "ENETUNREACH");
  network.allow_sends(far);
  network.allow_sends(far.with_port(0));
  here.socket->send(text("x"), far, 3);
  run();
  CHECK_FALSE(here.outcomes[2].failure);
}
