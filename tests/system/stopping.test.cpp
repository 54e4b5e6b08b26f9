// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/function_actor.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <caf/blocking_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <atomic>
#include <chrono>
#include <list>
#include <thread>

// What may be going on when the actor system ends. Each case must end, at once, and leave nothing
// behind (which the sanitizers see).

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;

/// Ends the system; how long that took.
std::chrono::duration<double> time_to_end(host& program) {
  auto begin = std::chrono::steady_clock::now();
  program.end();
  return std::chrono::steady_clock::now() - begin;
}

/// A listener whose backlog is full: the kernel answers no more handshakes.
struct full_listener {
  raw_socket socket = raw_socket::listening(0);
  std::vector<raw_socket> waiting;

  full_listener() {
    bool fits = true;
    for (int i = 0; i < 16 && fits; ++i) {
      waiting.push_back(raw_socket::unconnected());
      fits = waiting.back().connects_at_once(an::endpoint::loopback_ipv4(socket.port()));
    }
    REQUIRE_FALSE(fits);
  }
  std::string address() const { return "tcp://127.0.0.1:" + std::to_string(socket.port()); }
};

} // namespace

TEST_CASE("a connect that takes too long is given up at its time-out") {
  host program;
  witness seen;
  full_listener full;
  auto begin = std::chrono::steady_clock::now();
  program.connects({.address = full.address(), .connect_timeout = 100ms}, seen.made());
  REQUIRE(seen.sees("closed"));
  CHECK(std::chrono::steady_clock::now() - begin >= 100ms);
  auto all = seen.now();
  CHECK(all.events == std::vector<std::string>{"failed", "closed"});
  CHECK(all.why->code() == "ETIMEDOUT");
  CHECK(all.why->syscall == "connect");
  CHECK(all.why->port == full.socket.port());
  CHECK(all.had_error);
}

TEST_CASE("a system that ends while a connection is being made gives it up") {
  host program;
  witness seen;
  full_listener full;
  auto peer = program.connects({.address = full.address(), .unreferenced = true}, seen.made());
  auto state = program.asks<an::connection_info>(peer, an::get_info{})->state;
  CHECK(state == an::connection_state::connecting);
  peer = nullptr;
  CHECK(time_to_end(program) < 5s);
  CHECK(seen.now().events == std::vector<std::string>{"closed"});
}

TEST_CASE("a system that ends while names are being resolved does not wait for them") {
  host program(2);
  witness seen;
  for (int i = 0; i < 20; ++i)
    program.connects({.address = "tcp://no-such-name-" + std::to_string(i) + ".invalid:80",
                      .unreferenced = true},
                     seen.made());
  program.listens(echo, {.address = "tcp://no-such-name.invalid:0", .unreferenced = true});
  CHECK(time_to_end(program) < 5s);
  CHECK(seen.now().was_told("closed"));
}

TEST_CASE("a system that ends with bytes on their way in both directions cuts them off") {
  host program(2);
  auto open = std::make_shared<watched<int>>();
  auto unreferenced_echo = [=](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::connected&) {
              self->send(peer, an::unref{});
              open->change([](int& count) { ++count; });
            },
            [=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
  };
  auto server = program.listens(unreferenced_echo, {.address = any_port, .unreferenced = true});
  auto where = program.address_of(server);
  std::vector<std::thread> clients;
  std::atomic<int> cut_off = 0;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&, where] {
      auto client = raw_socket::connected_to(where);
      std::string block(64 * 1024, 'x');
      while (client.sends(block) && !client.receives(block.size()).empty()) {
      }
      ++cut_off;
    });
  CHECK(open->becomes([](int count) { return count == 4; }));
  server = nullptr;
  CHECK(time_to_end(program) < 5s);
  for (auto& each : clients)
    each.join();
  CHECK(cut_off == 4);
}

TEST_CASE("a system ends while a handler on the scheduler is still busy with its connection") {
  host program;
  auto busy = std::make_shared<watched<bool>>();
  auto may_go_on = std::make_shared<watched<bool>>();
  auto slow = [=](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::data& event) {
      self->send(peer, an::unref{});
      busy->change([](bool& is) { is = true; });
      may_go_on->becomes([](bool may) { return may; });
      self->send(peer, an::write{event.bytes});
    }};
  };
  auto server = program.listens(
      slow, {.address = any_port, .handlers = an::placement::scheduler, .unreferenced = true});
  auto client = raw_socket::connected_to(program.address_of(server));
  REQUIRE(client.sends("x"));
  REQUIRE(busy->becomes([](bool is) { return is; }));
  server = nullptr;
  // Its command goes on when the connection is closed already, which is what the client sees.
  std::thread releases([&] {
    client.receives_to_end();
    may_go_on->change([](bool& may) { may = true; });
  });
  CHECK(time_to_end(program) < 25s);
  releases.join();
}

TEST_CASE("a system ends although handlers on the loop send themselves messages for ever") {
  host program;
  auto turns = std::make_shared<std::atomic<std::uint64_t>>(0);
  auto restless = [=](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
    return {[=](const an::connected&) {
              self->send(peer, an::unref{});
              self->send(self, caf::tick_atom::value);
            },
            [=](caf::tick_atom) {
              turns->fetch_add(1);
              self->send(self, caf::tick_atom::value);
            },
            [=](const an::data& event) { self->send(peer, an::write{event.bytes}); }};
  };
  auto server = program.listens(restless, {.address = any_port, .unreferenced = true});
  auto client = raw_socket::connected_to(program.address_of(server));
  // It does not keep the loop from its sockets either.
  CHECK(client.sends("x"));
  CHECK(client.receives(1) == "x");
  server = nullptr;
  CHECK(time_to_end(program) < 20s);
  CHECK(turns->load() > 0);
  CHECK(client.receives_to_end().empty());
}

TEST_CASE("bytes that a program kept live on when the runtime is gone") {
  watched<std::vector<an::chunk>> kept;
  {
    host program;
    auto keeps = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      return {[=, &kept](const an::data& event) {
        kept.change([&](auto& all) { all.push_back(event.bytes); });
        self->send(peer, an::write{event.bytes});
      }};
    };
    auto server = program.listens(keeps);
    auto client = raw_socket::connected_to(program.address_of(server));
    // More than the window in all, kept in part when the system ends.
    for (int i = 0; i < 10; ++i) {
      client.sends(std::string(10'000, static_cast<char>('a' + i)));
      CHECK(client.receives_all(10'000).size() == 10'000);
    }
    caf::anon_send(server, an::close{});
  }
  std::string bytes;
  for (const auto& each : kept.now())
    bytes += each.view();
  REQUIRE(bytes.size() == 100'000);
  CHECK(std::count(bytes.begin(), bytes.end(), 'j') == 10'000);
  // They may die on any thread.
  std::thread([&] { kept.change([](auto& all) { all.clear(); }); }).join();
}

TEST_CASE("commands from other threads while the system ends are answered or dropped, never lost "
          "half-way") {
  for (int round = 0; round < 20; ++round) {
    host program(2);
    witness seen;
    auto silent = raw_socket::listening(1);
    auto peer = program.connects(
        {.address = "tcp://127.0.0.1:" + std::to_string(silent.port()), .unreferenced = true},
        seen.made());
    REQUIRE(seen.sees("connected"));
    seen.forget_peer();
    // An actor of the program keeps the system, asks on and on, and quits at its first failure,
    // which the destroyed connection gives it at the latest.
    auto answered = std::make_shared<std::atomic<int>>(0);
    spawn_function(program.system(), [=](caf::event_based_actor* self) -> caf::behavior {
      self->send(self, caf::tick_atom::value);
      return {[=](caf::tick_atom) {
        self->request(peer, caf::infinite, an::write{an::text("x")})
            .then(
                [=](const an::written&) {
                  ++*answered;
                  self->send(self, caf::tick_atom::value);
                },
                [=](const caf::error&) { self->quit(); });
      }};
    });
    peer = nullptr;
    auto other_end = silent.accepts();
    CHECK(other_end.receives(1) == "x");
    other_end.resets();
    program.end();
    CHECK(answered->load() > 0);
    CHECK(seen.now().was_told("closed"));
  }
}

// -- actors with a thread of their own ------------------------------------------------------------

namespace {

/// Sends as long as something comes back, on a thread of its own.
class insistent_client {
public:
  explicit insistent_client(const an::endpoint& where)
      : thread_([client = raw_socket::connected_to(where)]() mutable {
          const std::string block(1000, 'x');
          while (client.sends(block) && !client.receives(block.size()).empty()) {
          }
        }) {}
  insistent_client(const insistent_client&) = delete;
  insistent_client& operator=(const insistent_client&) = delete;
  ~insistent_client() { thread_.join(); }

private:
  std::thread thread_;
};

/// Writes, and waits for the answer, until one fails.
class blocking_writer final : public caf::blocking_actor {
public:
  blocking_writer(caf::actor_config& cfg, an::connection peer,
                  std::shared_ptr<watched<int>> written)
      : caf::blocking_actor(cfg), peer_(std::move(peer)), written_(std::move(written)) {}

  void act() override {
    bool goes_on = true;
    while (goes_on)
      request(peer_, caf::infinite, an::write{an::text("x")})
          .receive([&](const an::written&) { written_->change([](int& count) { ++count; }); },
                   [&](const caf::error&) { goes_on = false; });
    peer_ = nullptr;
  }

private:
  an::connection peer_;
  std::shared_ptr<watched<int>> written_;
};

} // namespace

TEST_CASE("a system ends while a detached handler, which is the owner, too, is busy") {
  for (int round = 0; round < 20; ++round) {
    std::list<insistent_client> clients; // which end when the program has
    host program(2);
    auto echoed = std::make_shared<watched<int>>();
    auto busy = [=](caf::event_based_actor* self) -> caf::behavior {
      return {[=](const an::data& event) {
                self->send(event.peer, an::write{event.bytes});
                self->request(event.peer, caf::infinite, an::get_info{})
                    .then([](const an::connection_info&) {}, [](const caf::error&) {});
                echoed->change([](int& count) { ++count; });
              },
              [=](const an::connected& event) { self->send(event.peer, an::unref{}); },
              [=](const an::listener_closed&) { self->quit(); }};
    };
    auto hub = spawn_function<caf::detached + caf::hidden>(program.system(), busy);
    auto server = program.listens(hub, {.address = any_port, .owner = hub, .unreferenced = true});
    clients.emplace_back(program.address_of(server));
    clients.emplace_back(program.address_of(server));
    REQUIRE(echoed->becomes([](int count) { return count > 10; }));
    hub = nullptr;
    server = nullptr;
    CHECK(time_to_end(program) < 10s);
  }
}

TEST_CASE("a system ends while a blocking actor waits for the answers to its writes") {
  for (int round = 0; round < 20; ++round) {
    host program(2);
    witness seen;
    auto written = std::make_shared<watched<int>>();
    auto silent = raw_socket::listening(1);
    auto peer = program.connects(
        {.address = "tcp://127.0.0.1:" + std::to_string(silent.port()), .unreferenced = true},
        seen.made());
    REQUIRE(seen.sees("connected"));
    seen.forget_peer();
    program.system().spawn<blocking_writer, caf::hidden>(peer, written);
    peer = nullptr;
    REQUIRE(written->becomes([](int count) { return count > 10; }));
    CHECK(time_to_end(program) < 10s);
    CHECK(seen.now().was_told("closed"));
  }
}

TEST_CASE("a system ends while the connection of a scoped actor, its handler, is open") {
  for (int round = 0; round < 20; ++round) {
    host program(2);
    auto silent = raw_socket::listening(1);
    {
      caf::scoped_actor self{program.system()};
      auto peer = program.connects(
          {.address = "tcp://127.0.0.1:" + std::to_string(silent.port()), .unreferenced = true},
          caf::actor_cast<caf::actor>(self.ptr()));
      self->receive([](const an::connected&) {});
      self->send(peer, an::write{an::text("x")});
    } // gone in order: its connection sends what was written, and closes
    auto other_end = silent.accepts();
    CHECK(time_to_end(program) < 10s);
    CHECK(other_end.receives_to_end() == "x");
  }
}
