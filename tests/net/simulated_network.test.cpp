// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"
#include "support/simulated_world.hpp"

#include <cerrno>

using namespace actornet::net;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

simulated_network::options seeded(std::uint64_t seed) {
  simulated_network::options chosen;
  chosen.seed = seed;
  chosen.keep_trace = true;
  return chosen;
}

// Something of everything: two loops, peers, a reset, a refusal, a name.
void live_a_life(simulated_world& world) {
  auto& network = *world.simulation();
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(80));
  connected_pair pair(world, &world.second_backend());
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(pattern(100'000)));
  auto peer = network.peer_connects(endpoint::loopback_ipv4(80));
  auto refused = network.peer_connects(endpoint::loopback_ipv4(81));
  peer.sends("abc");
  world.settle();
  pair.client.socket.release()->reset();
  peer.finishes();
  world.settle();
}

} // namespace

TEST_CASE("the same seed gives the same trace, line by line", "[simulation]") {
  simulated_world one(seeded(7)), two(seeded(7));
  live_a_life(one);
  live_a_life(two);
  CHECK(one.simulation()->trace().size() > 100);
  CHECK(one.simulation()->trace() == two.simulation()->trace());
  CHECK(one.simulation()->trace_hash() == two.simulation()->trace_hash());
  CHECK(one.simulation()->now() == two.simulation()->now());
}

TEST_CASE("another seed gives another trace", "[simulation]") {
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    simulated_world world(seeded(seed));
    live_a_life(world);
    // Without the line that names the seed, which alone would make the hashes differ.
    std::string happened;
    for (std::size_t i = 1; i < world.simulation()->trace().size(); ++i)
      happened += world.simulation()->trace()[i] + "\n";
    hashes.push_back(std::hash<std::string>()(happened));
  }
  std::sort(hashes.begin(), hashes.end());
  CHECK(std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end());
}

TEST_CASE("the hash of a trace does not depend on whether its lines are kept", "[simulation]") {
  auto chosen = seeded(3);
  simulated_world kept(chosen);
  chosen.keep_trace = false;
  simulated_world hashed(chosen);
  live_a_life(kept);
  live_a_life(hashed);
  CHECK(hashed.simulation()->trace().empty());
  CHECK(kept.simulation()->trace_hash() == hashed.simulation()->trace_hash());
}

TEST_CASE("time passes only when it is told to", "[simulation]") {
  simulated_network network({.latency_min = 1ms, .latency_max = 1ms});
  auto backend = network.make_backend();
  CHECK(network.next_event() == std::nullopt);
  CHECK_FALSE(network.step());
  auto peer = network.peer_connects(endpoint::loopback_ipv4(80));
  for (int i = 0; i < 100; ++i)
    backend->poll(std::nullopt);
  CHECK(network.now() == instant());
  CHECK_FALSE(peer.refused());
  CHECK(network.next_event() == instant(1ms));
  network.advance_to(instant(1999us));
  CHECK_FALSE(peer.refused());
  network.advance_to(instant(2ms));
  CHECK(peer.refused());
  network.advance_to(instant(1h));
  CHECK(network.now() == instant(1h));
}

TEST_CASE("a backend tells the time as of its last poll", "[simulation]") {
  simulated_network network;
  auto backend = network.make_backend();
  network.advance_to(instant(5s));
  CHECK(backend->now() == instant());
  backend->poll(std::nullopt);
  CHECK(backend->now() == instant(5s));
}

TEST_CASE("latency is what the options say", "[simulation]") {
  simulated_network network({.latency_min = 10ms, .latency_max = 30ms});
  auto server = network.peer_listens(endpoint::loopback_ipv4(80));
  REQUIRE(server);
  for (int i = 0; i < 50; ++i) {
    auto before = network.now();
    auto peer = network.peer_connects(endpoint::loopback_ipv4(80));
    while (!peer.connected())
      REQUIRE(network.step());
    CHECK(network.now() - before >= 20ms);
    CHECK(network.now() - before <= 60ms);
  }
}

TEST_CASE("what was set on a stream can be read", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  connected_pair pair(world);
  auto near = pair.client.local;
  auto far = [&] { return network.settings_of(near, endpoint::loopback_ipv4(1)); };
  CHECK_FALSE(far());
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(80));
  recorded_stream client;
  connect_options chosen;
  chosen.socket.no_delay = true;
  chosen.socket.keep_alive = keep_alive_options{true, 30s};
  client.socket = world.backend().connect(listener.local, chosen, client);
  REQUIRE(world.run_until([&] { return client.was_told("connected"); }));
  auto settings = network.settings_of(client.local, listener.local);
  REQUIRE(settings);
  CHECK(settings->no_delay == true);
  REQUIRE(settings->keep_alive);
  CHECK(settings->keep_alive->delay == 30s);
  CHECK(client.socket->set_options({.no_delay = false}));
  CHECK(network.settings_of(client.local, listener.local)->no_delay == false);
  CHECK_FALSE(network.settings_of(listener.local, client.local)->no_delay.has_value());
}

TEST_CASE("descriptors are counted, and peers have none", "[simulation]") {
  simulated_network network;
  auto backend = network.make_backend();
  auto opened = backend->open_listener(endpoint::loopback_ipv4(80), {});
  REQUIRE(opened);
  auto peer = network.peer_connects(endpoint::loopback_ipv4(80));
  CHECK(network.open_descriptors() == 1);
  CHECK(opened->socket.number() == 3);
  opened->socket = {};
  CHECK(network.open_descriptors() == 0);
}

TEST_CASE("receives and sends come in parts if chance says so", "[simulation]") {
  simulated_world world({.partial_receive_chance = 1, .partial_send_chance = 1});
  connected_pair pair(world);
  pair.server.socket->start_receiving();
  pair.client.socket->send(chunk::copy_of(pattern(1000)));
  REQUIRE(world.run_until([&] { return pair.server.received.size() == 1000; }));
  CHECK(pair.server.received == pattern(1000));
  CHECK(pair.client.count("sent") > 1);
  CHECK(pair.client.count("blocked") + 1 == pair.client.count("sent"));
  CHECK(pair.server.count("received") > 1);
}

TEST_CASE("a listener's backlog holds connections back, and they come later", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(80), {.backlog = 2});
  listener.socket->stop_accepting();
  std::vector<simulated_peer> peers;
  for (int i = 0; i < 5; ++i)
    peers.push_back(network.peer_connects(endpoint::loopback_ipv4(80)));
  auto connected = [&] {
    return std::count_if(peers.begin(), peers.end(), [](auto& each) { return each.connected(); });
  };
  network.advance_to(instant(900ms));
  CHECK(connected() == 3); // the backlog and one (listen(2) has always let in one more)
  listener.socket->start_accepting();
  CHECK(world.run_until([&] { return connected() == 5; }));
  CHECK(network.now() >= instant(1s));
}
