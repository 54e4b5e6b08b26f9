// SPDX-License-Identifier: BSD-3-Clause
// Accepting one by one, as far as the listener is allowed to, and what a descriptor takes with it.
#include "support/connected_pair.hpp"

#include <memory>
#include <utility>
#include <vector>

using namespace actornet::net;
using namespace actornet::test;

namespace {

/// A listener that accepts so many and no more, and keeps account of what it was asked.
struct rationed_listener final : listen_events {
  std::size_t rations = 0;
  std::size_t held = 0; // asked, allowed, and not yet told what came of it
  std::size_t given_back = 0;
  std::size_t refused = 0;
  bool was_asked_twice = false;
  std::vector<accepted_stream> accepted;
  std::vector<error> failures;
  endpoint local;
  listen_socket_ptr socket; // last, so that it is closed before the rest goes

  bool may_accept() override {
    was_asked_twice = was_asked_twice || held > 0;
    if (rations == 0) {
      ++refused;
      return false;
    }
    --rations;
    ++held;
    return true;
  }
  void on_none_accepted() override {
    --held;
    ++rations;
    ++given_back;
  }
  void on_accepted(accepted_stream stream) override {
    --held;
    accepted.push_back(std::move(stream));
  }
  void on_shed(const error&, const endpoint&, const endpoint&) override {}
  void on_accept_failed(const error& why) override { failures.push_back(why); }
};

void listen_singly(backend_world& world, rationed_listener& listener) {
  auto opened = world.backend().open_listener(endpoint::loopback_ipv4(0), {});
  REQUIRE(opened);
  listener.local = opened->local;
  auto added = world.backend().add_listener(std::move(*opened), listener);
  REQUIRE(added);
  listener.socket = std::move(*added);
  listener.socket->accept_singly(true);
}

using clients = std::vector<std::unique_ptr<recorded_stream>>;

void add_clients(backend_world& world, const endpoint& where, std::size_t count, clients& all) {
  for (std::size_t i = 0; i < count; ++i) {
    auto& made = *all.emplace_back(std::make_unique<recorded_stream>());
    made.socket = world.backend().connect(where, {}, made);
    REQUIRE(world.run_until([&] { return made.was_told("connected"); }));
  }
}

/// Says when it goes.
class told_lease final : public descriptor_lease {
public:
  explicit told_lease(bool& gone) : gone_(gone) {}
  ~told_lease() override { gone_ = true; }

private:
  bool& gone_;
};

} // namespace

TEST_CASE("who accepts singly is asked before each client, and the others wait", "[backend]") {
  ON_EVERY_BACKEND(world);
  rationed_listener listener;
  clients all;
  listen_singly(world, listener);
  listener.rations = 2;
  listener.socket->start_accepting();
  add_clients(world, listener.local, 5, all);
  REQUIRE(world.run_until([&] { return listener.refused > 0; }));
  world.settle();
  CHECK(listener.accepted.size() == 2);
  listener.rations = 1;
  listener.socket->start_accepting();
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 3; }));
  world.settle();
  CHECK(listener.accepted.size() == 3);
  listener.rations = 100;
  listener.socket->start_accepting();
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 5; }));
  world.settle();
  CHECK(listener.rations == 98); // what was of no use was given back
  CHECK(listener.held == 0);
  CHECK_FALSE(listener.was_asked_twice);
  add_clients(world, listener.local, 1, all);
  CHECK(world.run_until([&] { return listener.accepted.size() == 6; }));
}

TEST_CASE("more clients than a turn accepts are all accepted singly", "[backend]") {
  ON_EVERY_BACKEND(world);
  rationed_listener listener;
  clients all;
  listen_singly(world, listener);
  add_clients(world, listener.local, 150, all);
  listener.rations = 1000;
  listener.socket->start_accepting();
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 150; }));
  CHECK_FALSE(listener.was_asked_twice);
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(listener.accepted[i].remote == all[i]->local);
}

TEST_CASE("to accept singly can be begun and ended while clients come", "[backend]") {
  ON_EVERY_BACKEND(world);
  rationed_listener listener;
  clients all;
  listen_singly(world, listener);
  listener.socket->accept_singly(false);
  listener.socket->start_accepting();
  add_clients(world, listener.local, 1, all);
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  world.settle();
  CHECK(listener.refused == 0);
  listener.held = 0;
  listener.socket->accept_singly(true);
  world.settle();
  add_clients(world, listener.local, 2, all);
  world.settle();
  CHECK(listener.accepted.size() == 1);
  listener.rations = 1;
  listener.socket->start_accepting();
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 2; }));
  listener.held = 100; // nobody keeps account any more
  listener.socket->accept_singly(false);
  listener.socket->start_accepting();
  CHECK(world.run_until([&] { return listener.accepted.size() == 3; }));
}

TEST_CASE("without a descriptor the client is shed, and the ration given back", "[backend]") {
  ON_EVERY_BACKEND(world);
  rationed_listener listener;
  clients all;
  listen_singly(world, listener);
  listener.rations = 1;
  add_clients(world, listener.local, 1, all);
  all[0]->socket->start_receiving();
  world.forbid_descriptors(true);
  listener.socket->start_accepting();
  REQUIRE(world.run_until(
      [&] { return all[0]->was_told("end") || all[0]->was_told("receive_failed"); }));
  world.settle();
  CHECK(listener.accepted.empty());
  CHECK(listener.rations == 1);
  CHECK(listener.held == 0);
  world.forbid_descriptors(false);
  add_clients(world, listener.local, 1, all);
  CHECK(world.run_until([&] { return listener.accepted.size() == 1; }));
}

TEST_CASE("a lease lasts until its descriptor is closed, wherever that has gone", "[backend]") {
  ON_EVERY_BACKEND(world);
  rationed_listener listener;
  clients all;
  listen_singly(world, listener);
  listener.rations = 3;
  listener.socket->start_accepting();
  add_clients(world, listener.local, 3, all);
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 3; }));
  bool gone[3] = {false, false, false};
  for (std::size_t i = 0; i < 3; ++i)
    listener.accepted[i].socket.keep(std::make_unique<told_lease>(gone[i]));
  listener.accepted[0].socket = {};
  CHECK(gone[0]);
  recorded_stream served, cut_off;
  auto added = world.backend().add_stream(std::move(listener.accepted[1].socket), {}, served);
  REQUIRE(added);
  served.socket = std::move(*added);
  served.socket->start_receiving();
  auto other =
      world.second_backend().add_stream(std::move(listener.accepted[2].socket), {}, cut_off);
  REQUIRE(other);
  cut_off.socket = std::move(*other);
  cut_off.socket->start_receiving();
  world.settle();
  CHECK_FALSE(gone[1]);
  CHECK_FALSE(gone[2]);
  served.socket.reset();
  CHECK(gone[1]); // at once: not when the operations under way are over
  cut_off.socket.release()->reset();
  CHECK(gone[2]);
}

TEST_CASE("a lease moves with its descriptor, and a further one takes its place", "[backend]") {
  ON_EVERY_BACKEND(world);
  rationed_listener listener;
  clients all;
  listen_singly(world, listener);
  listener.rations = 1;
  listener.socket->start_accepting();
  add_clients(world, listener.local, 1, all);
  REQUIRE(world.run_until([&] { return listener.accepted.size() == 1; }));
  bool gone = false;
  auto& socket = listener.accepted[0].socket;
  socket.keep(std::make_unique<told_lease>(gone));
  descriptor moved(std::move(socket));
  CHECK_FALSE(gone);
  bool replaced = false;
  moved.keep(std::make_unique<told_lease>(replaced));
  CHECK(gone);
  CHECK_FALSE(replaced);
}
