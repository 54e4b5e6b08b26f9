// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/function_actor.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

namespace an = actornet;
using namespace actornet::test;

namespace {

/// Ends the system, which CAF wants done by the thread that began it. What happens until then is up
/// to `clients`, on another thread; they are given a function that says whether the system has
/// ended.
template <class F> void ends_while(host& program, F clients) {
  std::atomic<bool> is_over = false;
  auto acting = std::async(std::launch::async, [&] { clients([&] { return is_over.load(); }); });
  program.end();
  is_over = true;
  acting.get();
}

bool echoes(raw_socket& client, std::string_view bytes) {
  return client.sends(bytes) && client.receives_all(bytes.size()) == bytes;
}

} // namespace

TEST_CASE("a runtime of any number of loops starts and stops a hundred times") {
  std::size_t loops = GENERATE(1u, 2u, 4u);
  INFO("loops: " << loops);
  int served = 0;
  for (int i = 0; i < 100; ++i) {
    host program(loops);
    REQUIRE(program.net().loop_count() == loops);
    // Every other time it has been used, and is full of what its end must clear.
    if (i % 2 == 0)
      continue;
    auto server = program.listens(echo, {.address = any_port, .unreferenced = true});
    auto client = raw_socket::connected_to(program.address_of(server));
    served += echoes(client, "ping");
    client.finishes();
    served += client.receives_to_end().empty();
  }
  CHECK(served == 100);
}

TEST_CASE("the system waits for its listener, and ends when that is closed") {
  host program;
  auto server = program.listens(echo);
  auto where = program.address_of(server);
  ends_while(program, [&, server = std::exchange(server, nullptr)](const auto& is_over) mutable {
    auto client = raw_socket::connected_to(where);
    CHECK(echoes(client, "still here"));
    CHECK_FALSE(is_over());
    caf::anon_send(server, an::close{});
    server = nullptr;
    // A connection lives on without its listener, and the system with it.
    CHECK(echoes(client, "and here"));
    CHECK_FALSE(is_over());
    client.finishes();
    CHECK(client.receives_to_end().empty());
  });
}

TEST_CASE("the system does not wait for what is unreferenced, and closes it") {
  host program;
  witness server_side;
  witness client_side;
  auto server = program.listens(server_side.made(), {.address = any_port, .unreferenced = true});
  auto silent = raw_socket::listening(1);
  program.connects(
      {.address = "tcp://127.0.0.1:" + std::to_string(silent.port()), .unreferenced = true},
      client_side.made());
  auto other_end = silent.accepts();
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(server_side.sees("connected"));
  REQUIRE(client_side.sees("connected"));
  REQUIRE(program.orders(server_side.peer(), an::unref{}));
  server_side.forget_peer();
  client_side.forget_peer();
  server = nullptr;
  program.end();
  CHECK(client.receives_to_end().empty());
  CHECK(other_end.receives_to_end().empty());
  // Its handlers were told before the loops ended.
  CHECK(server_side.now().was_told("closed"));
  CHECK(client_side.now().was_told("closed"));
}

TEST_CASE("ref makes the system wait for a connection again") {
  host program;
  witness seen;
  auto server = program.listens(seen.made(), {.address = any_port, .unreferenced = true});
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(seen.sees("connected"));
  REQUIRE(program.orders(seen.peer(), an::unref{}));
  REQUIRE(program.orders(seen.peer(), an::ref{}));
  seen.forget_peer();
  server = nullptr;
  ends_while(program, [&](const auto& is_over) {
    CHECK(client.sends("x"));
    CHECK(seen.sees_bytes(1));
    CHECK_FALSE(is_over());
    client.finishes();
  });
  CHECK(seen.now().was_told("closed"));
}

TEST_CASE("unref of the last endpoint lets a system end that waits already") {
  host program;
  auto server = program.listens(echo);
  auto where = program.address_of(server);
  ends_while(program, [&, server = std::exchange(server, nullptr)](const auto& is_over) mutable {
    auto client = raw_socket::connected_to(where);
    CHECK(echoes(client, "x"));
    client.finishes();
    CHECK(client.receives_to_end().empty());
    CHECK_FALSE(is_over());
    caf::anon_send(server, an::unref{});
    server = nullptr;
  });
}

TEST_CASE("a handler that throws takes its connection down, and nothing else") {
  auto which = GENERATE("factory", "function", "event");
  INFO("thrown by the " << which);
  host program;
  auto calls = std::make_shared<std::atomic<int>>(0);
  auto throws = [=](std::string_view here) { return here == which && calls->fetch_add(1) == 0; };
  an::handler made = [=](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    if (throws("function"))
      throw std::runtime_error("thrown on purpose");
    return {[=](const an::data& event) {
      if (throws("event"))
        throw std::runtime_error("thrown on purpose");
      self->send(peer, an::write{event.bytes});
    }};
  };
  if (std::string_view(which) == "factory")
    made = [=](caf::actor_system& system, an::connection peer) -> caf::actor {
      if (throws("factory"))
        throw std::runtime_error("thrown on purpose");
      return spawn_function(system, [=](caf::event_based_actor* self) { return echo(self, peer); });
    };
  auto server = program.listens(made);
  auto victim = raw_socket::connected_to(program.address_of(server));
  victim.sends("x");
  CHECK(victim.receives_to_end().empty());
  auto survivor = raw_socket::connected_to(program.address_of(server));
  CHECK(echoes(survivor, "fine"));
  CHECK(program.asks<an::connections>(server, an::get_connections{})->count == 1);
  caf::anon_send(server, an::close{});
}

TEST_CASE("a handler that never lets go of the end keeps the connection open to write") {
  host program;
  auto kept = std::make_shared<watched<std::vector<an::end>>>();
  auto keeps = [=](caf::event_based_actor*, const an::connection&) -> caf::behavior {
    return {[=](const an::end& event) { kept->change([&](auto& all) { all.push_back(event); }); }};
  };
  auto server = program.listens(keeps, {.address = any_port, .unreferenced = true});
  auto client = raw_socket::connected_to(program.address_of(server));
  client.finishes();
  REQUIRE(kept->becomes([](const auto& all) { return all.size() == 1; }));
  auto peer = kept->now().front().peer;
  CHECK(program.asks<an::written>(peer, an::write{an::text("more")}));
  CHECK(client.receives_all(4) == "more");
  REQUIRE(program.orders(peer, an::unref{}));
  peer = nullptr;
  server = nullptr;
  // It is closed with the system all the same, and what is kept may go later.
  auto handled = kept->now().front().handled;
  kept->change([](auto& all) { all.clear(); });
  program.end();
  CHECK(client.receives_to_end().empty());
  handled.reset();
}
