// SPDX-License-Identifier: BSD-3-Clause
// What becomes of clients when there is no descriptor for them.
#include "support/connected_pair.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

using namespace actornet::net;
using namespace actornet::test;

namespace {

using clients = std::vector<std::unique_ptr<recorded_stream>>;

recorded_stream& add_client(backend_world& world, const endpoint& where, clients& all) {
  auto& made = *all.emplace_back(std::make_unique<recorded_stream>());
  made.socket = world.backend().connect(where, {}, made);
  return made;
}

bool all_ended(const clients& all) {
  return std::all_of(all.begin(), all.end(), [](const auto& each) {
    return each->was_told("end") || each->was_told("receive_failed") ||
           each->was_told("connect_failed");
  });
}

} // namespace

TEST_CASE("a client without a descriptor for it is shed, with both addresses", "[backend]") {
  ON_EVERY_BACKEND(world);
  auto where = GENERATE(endpoint::loopback_ipv4(0), endpoint::any_ipv6(0));
  recorded_listener listener;
  listen(world, listener, where);
  clients all;
  auto& client = add_client(world, endpoint::loopback_ipv4(listener.local.port()), all);
  client.socket->start_receiving();
  world.forbid_descriptors(true);
  REQUIRE(world.run_until([&] { return all_ended(all) && !listener.shed.empty(); }));
  world.settle();
  REQUIRE(listener.shed.size() == 1);
  CHECK(listener.shed[0].why.code() == "EMFILE");
  CHECK(listener.shed[0].why.syscall == "accept");
  CHECK(listener.shed[0].why.port == listener.local.port());
  CHECK(listener.shed[0].remote.unmapped() == client.local);
  CHECK(listener.shed[0].local.unmapped() == endpoint::loopback_ipv4(listener.local.port()));
  CHECK(listener.accepted.empty());
  CHECK(listener.failures.empty());
}

TEST_CASE("any number is shed, each once, and who comes later is served", "[backend]") {
  ON_EVERY_BACKEND(world);
  constexpr std::size_t count = 200; // more than a turn accepts
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  clients all;
  for (std::size_t i = 0; i < count; ++i)
    add_client(world, listener.local, all).socket->start_receiving();
  world.forbid_descriptors(true);
  REQUIRE(world.run_until([&] { return listener.shed.size() == count && all_ended(all); }));
  world.settle();
  CHECK(listener.shed.size() == count);
  world.forbid_descriptors(false);
  all.clear();
  add_client(world, listener.local, all);
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  CHECK(listener.failures.empty());
}

TEST_CASE("a listener that was starved may be stopped and started", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  clients all;
  add_client(world, listener.local, all);
  world.forbid_descriptors(true);
  REQUIRE(world.run_until([&] { return listener.shed.size() == 1; }));
  world.settle();
  listener.socket->stop_accepting();
  world.forbid_descriptors(false);
  add_client(world, listener.local, all);
  world.settle();
  CHECK(listener.accepted.empty());
  listener.socket->start_accepting();
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  CHECK(listener.shed.size() == 1);
}

TEST_CASE("whoever is told of a client that was shed may close the listener", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  listen(world, listener, endpoint::loopback_ipv4(0));
  listener.then = [&] { listener.socket.reset(); };
  clients all;
  for (int i = 0; i < 3; ++i)
    add_client(world, listener.local, all).socket->start_receiving();
  world.forbid_descriptors(true);
  REQUIRE(world.run_until([&] { return all_ended(all); }));
  CHECK(listener.shed.size() == 1);
}

TEST_CASE("without a descriptor in reserve accepting fails, stops, and can be started again",
          "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_listener listener;
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  listener.local = opened->local;
  clients all;
  add_client(world, listener.local, all);
  if (world.simulation() != nullptr)
    world.simulation()->fail_next_accept(listener.local, EMFILE);
  world.forbid_descriptors(true);
  auto added = world.backend().add_listener(std::move(*opened), listener);
  REQUIRE(added);
  listener.socket = std::move(*added);
  listener.socket->start_accepting();
  REQUIRE(world.run_until([&] { return !listener.failures.empty(); }));
  world.settle();
  CHECK(listener.failures.size() == 1);
  CHECK(listener.failures[0].code() == "EMFILE");
  CHECK(listener.failures[0].syscall == "accept");
  CHECK(listener.failures[0].port == listener.local.port());
  CHECK(listener.shed.empty());
  world.forbid_descriptors(false);
  listener.socket->start_accepting();
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  // And with the descriptor there is a reserve again.
  listener.socket->stop_accepting();
  world.settle();
  add_client(world, listener.local, all);
  world.forbid_descriptors(true);
  listener.socket->start_accepting();
  CHECK(world.run_until([&] { return listener.shed.size() == 1; }));
}

TEST_CASE("without descriptors nothing can be opened to listen", "[backend]") {
  ON_EVERY_BACKEND(world);
  world.forbid_descriptors(true);
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == "EMFILE");
  CHECK(opened.error().syscall == "socket");
}
