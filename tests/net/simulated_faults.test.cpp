// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"
#include "support/recorded_lookup.hpp"
#include "support/simulated_world.hpp"

#include <cerrno>

using namespace actornet::net;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

const auto server_address = endpoint::ipv4({198, 51, 100, 7}, 80);

std::string outcome_of_connect(simulated_world& world, const endpoint& remote) {
  recorded_stream client;
  client.socket = world.backend().connect(remote, {}, client);
  world.settle();
  if (client.connect_failure)
    return client.connect_failure->code();
  return client.was_told("connected") ? "connected" : "nothing";
}

} // namespace

TEST_CASE("connects fail as told until they are allowed again", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  REQUIRE(network.peer_listens(server_address));
  CHECK(outcome_of_connect(world, server_address) == "connected");
  network.refuse_connects(server_address);
  CHECK(outcome_of_connect(world, server_address) == "ECONNREFUSED");
  network.hang_connects(server_address);
  CHECK(outcome_of_connect(world, server_address) == "nothing");
  network.fail_connects(server_address, EHOSTUNREACH);
  CHECK(outcome_of_connect(world, server_address) == "EHOSTUNREACH");
  network.allow_connects(server_address);
  CHECK(outcome_of_connect(world, server_address) == "connected");
}

TEST_CASE("a rule for port 0 holds for every port of the address, and no other", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  REQUIRE(network.peer_listens(server_address));
  REQUIRE(network.peer_listens(endpoint::loopback_ipv4(80)));
  network.hang_connects(server_address.with_port(0));
  CHECK(outcome_of_connect(world, server_address) == "nothing");
  CHECK(outcome_of_connect(world, endpoint::loopback_ipv4(80)) == "connected");
}

TEST_CASE("a connect that hangs can be given up", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  network.hang_connects(server_address);
  recorded_stream client;
  client.socket = world.backend().connect(server_address, {}, client);
  network.advance_to(instant(1h));
  world.settle();
  CHECK(client.told.empty());
  CHECK(network.open_descriptors() == 1);
  client.socket.reset();
  CHECK(network.open_descriptors() == 0);
}

TEST_CASE("listening fails as told", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  for (int number : {EADDRINUSE, EADDRNOTAVAIL, EACCES}) {
    network.fail_listens(server_address, number);
    auto opened = world.backend().open_listener(server_address, {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().number == number);
    CHECK(opened.error().port == 80);
  }
  network.allow_listens(server_address);
  CHECK(world.backend().open_listener(server_address, {}));
}

TEST_CASE("the next accept fails as told, once, and loses nobody", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  recorded_listener listener;
  listen(world, listener, server_address);
  network.fail_next_accept(server_address, ENFILE);
  auto peer = network.peer_connects(server_address);
  world.settle();
  REQUIRE(listener.failures.size() == 1);
  CHECK(listener.failures[0].code() == "ENFILE");
  CHECK(listener.accepted.empty());
  listener.socket->start_accepting();
  world.settle();
  CHECK(listener.failures.size() == 1);
  CHECK(listener.accepted.size() == 1);
}

TEST_CASE("a connection given up while it waited is skipped without a word", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  recorded_listener listener;
  listen(world, listener, server_address);
  network.fail_next_accept(server_address, ECONNABORTED);
  auto lost = network.peer_connects(server_address);
  world.settle();
  auto next = network.peer_connects(server_address);
  world.settle();
  CHECK(listener.failures.empty());
  REQUIRE(listener.accepted.size() == 1);
  CHECK(listener.accepted[0].remote == next.local());
}

TEST_CASE("a stream breaks after as many bytes as told, for both ends", "[simulation]") {
  auto after_bytes = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{50'000});
  CAPTURE(after_bytes);
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  recorded_listener listener;
  listen(world, listener, server_address);
  recorded_stream client, server;
  client.socket = world.backend().connect(server_address, {}, client);
  REQUIRE(world.run_until(
      [&] { return client.was_told("connected") && listener.accepted.size() == 1; }));
  serve(world.backend(), std::move(listener.accepted[0].socket), server);
  client.socket->start_receiving();
  server.socket->start_receiving();
  CHECK_FALSE(network.reset_stream(server_address, server_address));
  CHECK(network.reset_stream(server_address, client.local, after_bytes));
  client.socket->send(chunk::copy_of(pattern(1'000'000)));
  world.settle();
  CHECK(server.receive_failure->code() == "ECONNRESET");
  CHECK(client.receive_failure->code() == "ECONNRESET");
  CHECK(client.was_told("send_failed"));
  CHECK(server.received.size() >= after_bytes);
  CHECK(server.received.size() <= after_bytes + simulated_network::options{}.segment_bytes_max);
}

TEST_CASE("names are known, fail, or are silent, as told", "[simulation]") {
  simulated_world world({.seed = 1});
  auto& network = *world.simulation();
  auto other = endpoint::loopback_ipv6(9);
  network.add_host("server.example", {server_address, other}, 2s);
  network.fail_name("broken.example", "EAI_AGAIN");
  network.silence_name("silent.example");
  recorded_lookup known, broken, silent, unknown;
  known.lookup = world.backend().look_up({"server.example", 443}, known);
  broken.lookup = world.backend().look_up({"broken.example", 443}, broken);
  silent.lookup = world.backend().look_up({"silent.example", 443}, silent);
  unknown.lookup = world.backend().look_up({"unknown.example", 443}, unknown);
  world.settle();
  CHECK(known.found == std::vector{server_address.with_port(443), other.with_port(443)});
  CHECK(network.now() >= instant(2s));
  REQUIRE(broken.failure);
  CHECK(broken.failure->code() == "EAI_AGAIN");
  REQUIRE(unknown.failure);
  CHECK(unknown.failure->code() == "ENOTFOUND");
  CHECK(unknown.failure->address == "unknown.example");
  CHECK(silent.answers == 0);
}

TEST_CASE("with the descriptors used up, opening fails with EMFILE", "[simulation]") {
  simulated_world world({.descriptors_max = 1});
  auto opened = world.backend().open_listener(server_address, {});
  REQUIRE(opened);
  auto second = world.backend().open_listener(server_address.with_port(81), {});
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == "EMFILE");
  CHECK(outcome_of_connect(world, server_address) == "EMFILE");
}
