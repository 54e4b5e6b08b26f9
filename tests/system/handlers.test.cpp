// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/instrumented.hpp"
#include "system/raw_socket.hpp"
#include "system/watched.hpp"
#include "system/witness.hpp"

#include <chrono>
#include <set>
#include <string>
#include <thread>

namespace an = actornet;
using namespace actornet::test;
using namespace std::chrono_literals;

namespace {

/// Computes for long, then echoes.
caf::behavior thinks(caf::event_based_actor* self, an::connection peer) {
  return {[=](const an::data& event) {
    auto until = std::chrono::steady_clock::now() + 50ms;
    while (std::chrono::steady_clock::now() < until)
      continue;
    self->send(peer, an::write{event.bytes});
  }};
}

std::string echo_of(host& program, const an::listener& server, std::string_view bytes) {
  auto client = raw_socket::connected_to(program.address_of(server));
  client.sends(bytes);
  return client.receives_all(bytes.size());
}

} // namespace

TEST_CASE("a handler that holds up its loop is counted and reported, and still served") {
  host program;
  watched<std::vector<std::string>> lines;
  program.net().on_log([&](std::string_view line) {
    lines.change([&](auto& so_far) { so_far.emplace_back(line); });
  });
  auto server = program.listens(thinks, {.address = any_port, .unreferenced = true});
  CHECK(echo_of(program, server, "x") == "x");
  CHECK(lines.becomes([](const auto& so_far) { return !so_far.empty(); }));
  CHECK_THAT(lines.now().front(), Catch::Matchers::ContainsSubstring("held up its loop"));
  CHECK(program.net().slow_handlers() >= 1);
  server = nullptr;
  program.end();
}

TEST_CASE("on the scheduler, a handler that computes for long holds up no loop") {
  host program;
  auto server = program.listens(
      thinks, {.address = any_port, .handlers = an::placement::scheduler, .unreferenced = true});
  auto slow = raw_socket::connected_to(program.address_of(server));
  slow.sends("x");
  CHECK(slow.receives_all(1) == "x");
  if (!is_instrumented)
    CHECK(program.net().slow_handlers() == 0);
}

TEST_CASE("a budget of nothing is no budget") {
  host program(1, {{"actornet.handler_budget_ms", "0"}});
  auto server = program.listens(thinks, {.address = any_port, .unreferenced = true});
  CHECK(echo_of(program, server, "x") == "x");
  CHECK(program.net().slow_handlers() == 0);
}

TEST_CASE("an actor that a program spawns on a loop stays on one thread, whoever sends to it") {
  host program(2);
  watched<std::set<std::thread::id>> threads;
  auto hub = program.net().spawn_on_loop([&](caf::event_based_actor* self) -> caf::behavior {
    auto note = [&threads] {
      threads.change([](auto& so_far) { so_far.insert(std::this_thread::get_id()); });
    };
    return {[=](const an::data& event) {
              note();
              self->send(event.peer, an::write{event.bytes});
            },
            [=](int) { note(); }, [=](const an::listener_closed&) { self->quit(); }};
  });
  auto server = program.listens(hub, {.address = any_port, .owner = hub});
  for (int i = 0; i < 4; ++i)
    CHECK(echo_of(program, server, "from any loop") == "from any loop");
  caf::anon_send(hub, 1);
  program.orders(server, an::close{});
  hub = nullptr;
  server = nullptr;
  program.end(); // which waits for the hub
  CHECK(threads.now().size() == 1);
  CHECK(threads.now().count(std::this_thread::get_id()) == 0);
}

TEST_CASE("what many connections of one loop send to a shared hub reaches all of them") {
  host program;
  auto hub = program.net().spawn_on_loop([](caf::event_based_actor* self) -> caf::behavior {
    auto members = std::make_shared<std::set<an::connection>>();
    return {[=](const an::data& event) {
              for (const auto& each : *members)
                self->send(each, an::write{event.bytes});
            },
            [=](const an::connected& event) {
              members->insert(event.peer);
              self->send(event.peer, an::write{an::text("in")});
            },
            [=](const an::closed& event) { members->erase(event.peer); },
            [=](const an::listener_closed&) { self->quit(); }};
  });
  auto server = program.listens(hub, {.address = any_port, .owner = hub});
  std::vector<raw_socket> members;
  for (int i = 0; i < 50; ++i) {
    members.push_back(raw_socket::connected_to(program.address_of(server)));
    CHECK(members.back().receives_all(2) == "in");
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].sends("news");
    for (auto& each : members)
      CHECK(each.receives_all(4) == "news");
  }
  program.orders(server, an::close{});
  hub = nullptr;
  server = nullptr;
}
