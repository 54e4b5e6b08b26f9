// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/function_actor.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/watched.hpp"
#include "system/witness.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

// Connection brokers on several loops, with clients of several threads.

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t loops = 3;
constexpr unsigned client_threads = 3;
constexpr unsigned clients_per_thread = 150;
constexpr std::uint64_t limit = 10;

struct guarded_host {
  explicit guarded_host(an::broker_options chosen)
      : broker(*program.net().make_broker(std::move(chosen))) {
    for (int i = 0; i < 2; ++i) {
      servers.push_back(program.listens(
          echo, {.address = any_port, .backlog = 1000, .broker = broker, .unreferenced = true}));
      addresses.push_back(program.address_of(servers.back()));
    }
  }

  an::broker_info info() { return program.asks<an::broker_info>(broker, an::get_info{}).value(); }
  template <class Condition> bool becomes(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < end)
      if (condition(info()))
        return true;
    return false;
  }

  host program{loops};
  an::connection_broker broker;
  std::vector<an::listener> servers;
  std::vector<an::endpoint> addresses;
};

/// Clients that come as fast as they can, and stay for a while that differs.
void storm(const std::vector<an::endpoint>& where, unsigned number) {
  std::deque<raw_socket> open;
  for (unsigned i = 0; i < clients_per_thread; ++i) {
    try {
      open.push_back(raw_socket::connected_to(where[i % where.size()]));
      open.back().sends("x");
    } catch (const std::system_error&) { // accepted, and reset before connect(2) was done
    }
    while (open.size() > (i * 7 + number * 3) % 11)
      open.pop_front();
  }
}

void storm_from_all_threads(const std::vector<an::endpoint>& where) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < client_threads; ++i)
    threads.emplace_back([where, i] { storm(where, i); });
  for (auto& each : threads)
    each.join();
}

} // namespace

TEST_CASE("listeners on several loops never have more connections than their broker allows") {
  for (auto policy : {an::over_limit::drop, an::over_limit::wait}) {
    guarded_host story({.limits = {.total = limit, .per_address = 1000}, .policy = policy});
    std::atomic<bool> over{false};
    std::thread storming([&] {
      storm_from_all_threads(story.addresses);
      over = true;
    });
    std::uint64_t most = 0;
    while (!over)
      most = std::max(most, story.info().connections);
    storming.join();
    constexpr std::uint64_t all = client_threads * clients_per_thread;
    CHECK(story.becomes([&](const an::broker_info& now) {
      return now.connections == 0 && now.accepted + now.refused.sum() == all;
    }));
    CHECK(most <= limit);
    CHECK(story.info().addresses == 0);
    CHECK((policy == an::over_limit::drop || story.info().refused.sum() == 0));
    // Every place is there again.
    std::vector<raw_socket> fresh;
    for (std::uint64_t i = 0; i < limit; ++i) {
      fresh.push_back(raw_socket::connected_to(story.addresses[i % 2]));
      fresh.back().sends("fresh");
    }
    for (auto& each : fresh)
      CHECK(each.receives_all(5) == "fresh");
  }
}

TEST_CASE("lists of a broker change while clients come") {
  guarded_host story({});
  const auto all_ipv4 = *an::net::address_list::parse({"127.0.0.0/8"});
  for (int round = 0; round < 5; ++round) {
    REQUIRE(story.program.orders(story.broker, an::set_access{{}, all_ipv4}));
    for (const auto& each : story.addresses)
      CHECK(raw_socket::connected_to(each).receives_to_end().empty());
    REQUIRE(story.program.orders(story.broker, an::set_access{all_ipv4, {}}));
    for (const auto& each : story.addresses) {
      auto client = raw_socket::connected_to(each);
      client.sends("let in");
      CHECK(client.receives_all(6) == "let in");
    }
  }
  CHECK(story.info().refused.denied == 10);
  CHECK(story.info().accepted == 10);
}

TEST_CASE("limits and policies change while clients come, and nobody waits for ever") {
  guarded_host story({.limits = {.total = limit}, .policy = an::over_limit::wait});
  std::atomic<bool> over{false};
  std::thread storming([&] {
    storm_from_all_threads(story.addresses);
    over = true;
  });
  for (int round = 0; !over; ++round) {
    const auto policy = round % 3 == 0   ? an::over_limit::wait
                        : round % 3 == 1 ? an::over_limit::reset
                                         : an::over_limit::reply;
    CHECK(story.program.orders(story.broker, an::set_limits{{.total = round % 20}}));
    CHECK(story.program.orders(story.broker, an::set_over_limit{policy, an::text("full")}));
  }
  storming.join();
  CHECK(story.program.orders(story.broker, an::set_limits{}));
  constexpr std::uint64_t all = client_threads * clients_per_thread;
  CHECK(story.becomes([&](const an::broker_info& now) {
    return now.connections == 0 && now.accepted + now.refused.sum() == all;
  }));
}

TEST_CASE("a broker and its listeners are stopped together while clients come") {
  guarded_host story({.limits = {.total = limit}, .policy = an::over_limit::wait});
  std::vector<raw_socket> staying;
  for (int i = 0; i < 4; ++i) {
    staying.push_back(raw_socket::connected_to(story.addresses[0]));
    staying.back().sends("x");
    CHECK(staying.back().receives(1) == "x");
  }
  std::atomic<bool> over{false};
  std::thread storming([&] {
    while (!over)
      storm_from_all_threads(story.addresses);
  });
  CHECK(story.becomes([](const an::broker_info& now) { return now.accepted > limit; }));
  auto report = story.program.asks<an::stopped>(story.broker, an::stop{200});
  const auto after = story.info();
  over = true;
  storming.join();
  REQUIRE(report);
  CHECK(report->served > limit);
  CHECK(report->finished + report->forced >= 4);
  CHECK(report->finished + report->forced <= report->served);
  for (auto& each : staying)
    CHECK(each.receives_to_end().empty());
  // Whoever came since was not let in.
  CHECK(after.connections == 0);
  CHECK(story.info().connections == 0);
  CHECK(story.info().accepted == report->served);
}

TEST_CASE("a program ends whose actor owns a broker and keeps it") {
  auto gone = std::make_shared<watched<bool>>();
  host program;
  auto owner = spawn_function(program.system(), [gone](caf::event_based_actor* self) {
    auto broker = *an::runtime::from(self->system()).make_broker({.owner = self});
    self->attach_functor([gone] { gone->change([](bool& what) { what = true; }); });
    return caf::behavior{[broker](int) {}};
  });
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(owner);
  owner = nullptr;
  const auto ended = gone->becomes([](bool what) { return what; });
  CHECK(ended);
  if (auto left = caf::actor_cast<caf::actor>(weak)) // else the program would not end
    caf::anon_send_exit(left, caf::exit_reason::kill);
}
