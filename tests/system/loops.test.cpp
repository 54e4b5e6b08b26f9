// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/host.hpp"
#include "system/raw_socket.hpp"
#include "system/watched.hpp"

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

// What loops there are, and who lives on which.

namespace an = actornet;
using namespace actornet::test;

namespace {

/// The backend of a runtime that is asked for `wanted`, whatever the environment says.
std::string backend_of_a_runtime_with(const std::string& wanted) {
  an::config cfg;
  cfg.set("actornet.loops", std::size_t{1}).set("actornet.backend", wanted);
  caf::actor_system system(cfg);
  auto& net = an::runtime::from(system);
  net.on_log([](std::string_view) {}); // `auto` may have said why it is not io_uring
  return std::string(net.backend_name());
}

bool kernel_allows_uring() {
  return an::net::make_uring_backend(std::make_shared<an::net::resolver>()).has_value();
}

/// The processor time of the thread that calls.
std::int64_t thread_time_ns() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::nanoseconds(std::chrono::seconds(spent.tv_sec)).count() + spent.tv_nsec;
}

/// What a loop's thread spends while there is nothing to do for `time`.
std::chrono::nanoseconds spent_idle(const std::vector<host::option>& options,
                                    std::chrono::milliseconds time) {
  host program(1, options);
  caf::scoped_actor self{program.system()};
  auto clock = program.net().spawn_on_loop([](caf::event_based_actor*) -> caf::behavior {
    return {[](caf::ok_atom) { return thread_time_ns(); }};
  });
  auto asked = [&] {
    std::int64_t answer = 0;
    self->request(clock, caf::infinite, caf::ok_atom::value)
        .receive([&](std::int64_t spent) { answer = spent; },
                 [](const caf::error&) { FAIL("no answer"); });
    return answer;
  };
  const auto before = asked();
  self->delayed_send(self, time, caf::ok_atom::value);
  self->receive([](caf::ok_atom) {});
  return std::chrono::nanoseconds(asked() - before);
}

} // namespace

TEST_CASE("loops sleep when there is nothing to do, unless they are to poll busily") {
  using namespace std::chrono_literals;
  CHECK(spent_idle({}, 300ms) < 10ms);
  CHECK(spent_idle({{"actornet.busy_poll_us", "60000000"}}, 300ms) > 10ms);
}

TEST_CASE("connections of one listener live on all loops") {
  constexpr std::size_t loops = 2;
  watched<std::vector<std::thread::id>> threads;
  host program(loops);
  auto notes = [&](caf::event_based_actor*, an::connection) -> caf::behavior {
    return {[&](const an::connected&) {
      threads.change([](auto& all) { all.push_back(std::this_thread::get_id()); });
    }};
  };
  auto server = program.listens(notes, {.address = any_port, .unreferenced = true});
  std::vector<raw_socket> clients;
  for (int i = 0; i < 10; ++i)
    clients.push_back(raw_socket::connected_to(program.address_of(server)));
  REQUIRE(threads.becomes([](const auto& all) { return all.size() == 10; }));
  auto all = threads.now();
  std::multiset<std::thread::id> by_thread(all.begin(), all.end());
  CHECK(std::set<std::thread::id>(all.begin(), all.end()).size() == loops);
  CHECK(by_thread.count(all.front()) == 5);
  clients.clear();
  server = nullptr;
  program.end();
}

TEST_CASE("a runtime that is asked for epoll has epoll") {
  CHECK(backend_of_a_runtime_with("epoll") == "epoll");
}

TEST_CASE("a runtime that is asked for io_uring has io_uring, where the kernel allows it") {
  if (kernel_allows_uring())
    CHECK(backend_of_a_runtime_with("uring") == "uring");
  else
    WARN("this kernel does not allow io_uring");
}

TEST_CASE("a runtime that is asked for nothing has io_uring where that works, and else epoll") {
  CHECK(backend_of_a_runtime_with("auto") == (kernel_allows_uring() ? "uring" : "epoll"));
}
