// SPDX-License-Identifier: BSD-3-Clause
#include "support/connected_pair.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

using namespace std::chrono_literals;
using namespace actornet::net;
using namespace actornet::test;

namespace {

// Nobody listens here: it was free a moment ago.
endpoint closed_port(backend_world& world) {
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  return opened->local;
}

} // namespace

TEST_CASE("who connects is told so once, with the near end", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  recorded_stream client;
  client.socket = world.backend().connect(listener.local, {}, client);
  CHECK(client.told.empty());
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  world.settle();
  CHECK(client.told == std::vector<std::string>{"connected"});
  CHECK(client.local.port() != 0);
  CHECK(client.local == listener.accepted[0].remote);
}

TEST_CASE("a refused connect is ECONNREFUSED of connect, with address and port", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto nobody = closed_port(world);
  recorded_stream client;
  client.socket = world.backend().connect(nobody, {}, client);
  CHECK(client.told.empty());
  REQUIRE(world.run_until([&] { return client.was_told("connect_failed"); }));
  CHECK(client.connect_failure->code() == "ECONNREFUSED");
  CHECK(client.connect_failure->syscall == "connect");
  CHECK(client.connect_failure->address == "127.0.0.1");
  CHECK(client.connect_failure->port == nobody.port());
  world.settle();
  CHECK(client.told.size() == 1);
}

TEST_CASE("a connect that is closed at once tells nothing", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  auto nobody = closed_port(world);
  recorded_stream wanted, refused;
  wanted.socket = world.backend().connect(listener.local, {}, wanted);
  refused.socket = world.backend().connect(nobody, {}, refused);
  wanted.socket.reset();
  refused.socket.reset();
  world.settle();
  CHECK(wanted.told.empty());
  CHECK(refused.told.empty());
}

TEST_CASE("closing from within on_connected or on_connect_failed is the end of it", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  auto nobody = closed_port(world);
  recorded_stream wanted, refused;
  for (auto* each : {&wanted, &refused})
    each->then = [each](std::string_view) { each->socket.reset(); };
  wanted.socket = world.backend().connect(listener.local, {}, wanted);
  refused.socket = world.backend().connect(nobody, {}, refused);
  REQUIRE(world.run_until([&] { return !wanted.told.empty() && !refused.told.empty(); }));
  world.settle();
  CHECK(wanted.told == std::vector<std::string>{"connected"});
  CHECK(refused.told == std::vector<std::string>{"connect_failed"});
}

TEST_CASE("a connect leaves from the address and port that were asked for", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  auto from = closed_port(world);
  recorded_stream client;
  connect_options chosen;
  chosen.from = from;
  client.socket = world.backend().connect(listener.local, chosen, client);
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1 && !client.told.empty(); }));
  CHECK(client.local == from);
  CHECK(listener.accepted[0].remote == from);
}

TEST_CASE("a connect from a port that is taken fails with EADDRINUSE of bind", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  recorded_stream client;
  connect_options chosen;
  chosen.from = listener.local;
  client.socket = world.backend().connect(listener.local, chosen, client);
  CHECK(client.told.empty());
  REQUIRE(world.run_until([&] { return !client.told.empty(); }));
  REQUIRE(client.connect_failure);
  CHECK(client.connect_failure->code() == "EADDRINUSE");
  CHECK(client.connect_failure->syscall == "bind");
  CHECK(client.connect_failure->port == listener.local.port());
}

TEST_CASE("without descriptors a connect fails with EMFILE, told from poll", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto nobody = closed_port(world);
  recorded_stream client;
  world.forbid_descriptors(true);
  client.socket = world.backend().connect(nobody, {}, client);
  world.forbid_descriptors(false);
  CHECK(client.told.empty());
  REQUIRE(world.run_until([&] { return !client.told.empty(); }));
  REQUIRE(client.connect_failure);
  CHECK(client.connect_failure->code() == "EMFILE");
}

TEST_CASE("IPv6 connects to IPv6", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world, nullptr, endpoint::loopback_ipv6(0));
  CHECK(pair.client.local.family() == address_family::ipv6);
  CHECK(pair.client.local.address() == "::1");
}

TEST_CASE("options of a connected stream can be set", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  CHECK(pair.client.socket->set_options({.no_delay = true}));
  CHECK(pair.client.socket->set_options({.no_delay = false}));
  CHECK(pair.client.socket->set_options({.keep_alive = keep_alive_options{true, 60s, 5s, 3}}));
  CHECK(pair.client.socket->set_options({.keep_alive = keep_alive_options{false}}));
  CHECK(pair.client.socket->set_options({.user_timeout = 7s}));
}

TEST_CASE("an option without a name here is set and read as it is", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  auto no_delay = raw_option::of(IPPROTO_TCP, TCP_NODELAY, 1);
  CHECK(pair.client.socket->set_options({.raw = {no_delay}}));
  auto read_back = pair.client.socket->get_option(IPPROTO_TCP, TCP_NODELAY, sizeof(int));
  REQUIRE(read_back);
  CHECK(*read_back == no_delay.value);
  CHECK(pair.client.socket->get_option(IPPROTO_TCP, 9999, 4).error().code() == "ENOPROTOOPT");
}

TEST_CASE("what the peer has got is acknowledged", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(text("twelve bytes"));
  pair.client.socket->finish();
  pair.server.socket->start_receiving();
  REQUIRE(world.run_until([&] { return pair.server.was_told("end"); }));
  CHECK(world.run_until([&] { return pair.client.socket->unacknowledged_bytes() == 0; }));
}

TEST_CASE("what the peer's kernel does not take stays unacknowledged", "[backend]") {
  ON_EVERY_BACKEND(world);
  connected_pair pair(world);
  pair.client.socket->send(chunk::from(std::string(16 * 1024 * 1024, 'x')));
  REQUIRE(world.run_until([&] { return pair.client.was_told("blocked"); }));
  CHECK(pair.client.socket->unacknowledged_bytes() > 0);
}

TEST_CASE("many connects at once all come to their end", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  std::vector<std::unique_ptr<recorded_stream>> clients;
  for (int i = 0; i < 200; ++i) {
    auto& client = *clients.emplace_back(std::make_unique<recorded_stream>());
    client.socket = world.backend().connect(listener.local, {}, client);
  }
  CHECK(world.run_until([&] { return listener.accepted.size() == 200; }));
  CHECK(world.run_until([&] {
    return std::all_of(clients.begin(), clients.end(),
                       [](const auto& each) { return each->was_told("connected"); });
  }));
}
