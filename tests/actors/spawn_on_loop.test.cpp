// SPDX-License-Identifier: BSD-3-Clause
#include "support/captured_output.hpp"
#include "support/catch.hpp"
#include "support/served_client.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Actors that a program spawns on loops.

using namespace std::chrono_literals;
namespace an = actornet;
using an::test::at_80;
using an::test::captured_output;
using an::test::port_80;
using an::test::served_client;
using an::test::without_chance;

TEST_CASE("a hub on the loop is the handler of all connections and writes to each") {
  for (std::size_t loops : {1u, 3u}) {
    auto options = without_chance();
    options.loops = loops;
    served_client story({.address = port_80}, options, caf::actor());
    std::set<an::connection> members;
    auto hub = story.w.net().spawn_on_loop([&](caf::event_based_actor* self) -> caf::behavior {
      return {[&, self](const an::data& event) {
                for (const auto& each : members)
                  self->send(each, an::write{event.bytes});
              },
              [&](const an::connected& event) { members.insert(event.peer); },
              [&](const an::closed& event) { members.erase(event.peer); }};
    });
    story.w.net().listen({.address = "tcp://127.0.0.1:81"}, hub).value();
    std::vector<an::net::simulated_peer> clients;
    for (int i = 0; i < 20; ++i)
      clients.push_back(story.w.network().peer_connects(an::net::endpoint::loopback_ipv4(81)));
    story.w.pass(1s);
    clients[7].sends("news");
    story.w.pass(1s);
    for (auto& each : clients) {
      CHECK(each.received() == "news");
      each.finishes();
    }
    story.w.pass(1s);
    CHECK(members.empty());
  }
}

// What the other thread opened begins in the loop's next turn, while the actor's is going on.
TEST_CASE("an actor on a loop hears of what another thread opens, and all it asks finds it begun") {
  an::test::world w;
  std::vector<std::string> answers;
  auto curious = w.net().spawn_on_loop([&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](int) {
      an::listener server;
      std::thread([&] {
        server = w.net().listen({.address = port_80}, caf::actor()).value();
      }).join();
      auto note = [&](const caf::error& why) { answers.push_back(an::error_of(why)->code()); };
      self->request(server, caf::infinite, an::get_address{})
          .then([&](const an::addresses& got) { answers.push_back(to_string(got.local)); }, note);
      self->request(server, caf::infinite, an::close{})
          .then([&] { answers.emplace_back("closed"); }, note);
      self->request(server, caf::infinite, an::get_address{})
          .then([&](const an::addresses& got) { answers.push_back(to_string(got.local)); }, note);
    }};
  });
  caf::anon_send(curious, 1);
  w.settle();
  CHECK(answers == std::vector<std::string>{"127.0.0.1:80", "closed", "ENOTCONN"});
  CHECK(w.network().open_descriptors() == 0);
}

TEST_CASE("an actor on a loop counts as running until it quits") {
  an::test::world w;
  auto running = [&] { return w.system().registry().running(); };
  auto before = running();
  auto quitter = w.net().spawn_on_loop(
      [](caf::event_based_actor* self) -> caf::behavior { return {[=](int) { self->quit(); }}; });
  CHECK(running() == before + 1);
  w.settle();
  CHECK(running() == before + 1);
  caf::anon_send(quitter, 1);
  w.settle();
  CHECK(running() == before);
}

TEST_CASE("an actor on a loop that nobody refers to any more ends") {
  an::test::world w;
  auto before = w.system().registry().running();
  auto nobody =
      w.net().spawn_on_loop([](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  w.settle();
  nobody = nullptr;
  w.settle();
  CHECK(w.system().registry().running() == before);
}

TEST_CASE("an actor on a loop whose function throws fails, without a print") {
  captured_output output;
  an::test::world w;
  auto before = w.system().registry().running();
  auto broken = w.net().spawn_on_loop(
      [](caf::event_based_actor*) -> caf::behavior { throw std::runtime_error("no"); });
  w.settle();
  CHECK(w.system().registry().running() == before);
  CHECK(output.text().empty());
}

TEST_CASE("an actor that a handler spawns on its loop runs there when the handler sends to it") {
  an::test::world w;
  std::string got;
  auto spawns = [&](caf::event_based_actor* self, an::connection) -> caf::behavior {
    auto helper = an::runtime::from(self->system())
                      .spawn_on_loop([&](caf::event_based_actor*) -> caf::behavior {
                        return {[&](const std::string& said) { got += said; }};
                      });
    return {[=](const an::data& event) { self->send(helper, std::string(event.bytes.view())); }};
  };
  w.net().listen({.address = port_80}, spawns).value();
  auto client = w.network().peer_connects(at_80);
  client.sends("hello");
  // Only the loop is turned: whatever waits for the scheduler waits for ever.
  for (int i = 0; i < 1000 && got != "hello"; ++i) {
    w.net().turn();
    w.network().step();
  }
  CHECK(got == "hello");
}
