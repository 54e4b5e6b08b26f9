// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "system/function_actor.hpp"
#include "system/host.hpp"
#include "system/instrumented.hpp"
#include "system/raw_socket.hpp"
#include "system/witness.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace an = actornet;
using namespace actornet::test;

namespace {

using namespace std::chrono_literals;

/// While it lives, this process may have few descriptors, so that all can be used up. The kernel
/// remembers the limit of when it was asked to accept: it is lowered before anything listens.
class few_descriptors {
public:
  few_descriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit after{200, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &after) == 0);
  }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;
  ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

/// While it lives, all of them are used up.
class no_descriptors {
public:
  no_descriptors() { use_up(); }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;
  ~no_descriptors() {
    for (int each : used_up_)
      ::close(each);
  }

  /// Once more: a thread that was just starting had one open for a moment (a sanitizer's does).
  void use_up() {
    for (int number = ::dup(0); number >= 0; number = ::dup(0))
      used_up_.push_back(number);
    REQUIRE(errno == EMFILE);
  }

private:
  std::vector<int> used_up_;
};

std::chrono::microseconds processor_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

/// What an owner was told.
struct troubles {
  std::vector<std::string> failures;
  std::vector<an::dropped> shed;
  bool closed = false;
};

caf::actor owner_of(host& program, std::shared_ptr<watched<troubles>> told) {
  return spawn_function<caf::hidden>(
      program.system(), [=](caf::event_based_actor*) -> caf::behavior {
        return {[=](const an::listener_failed& event) {
                  told->change([&](auto& all) { all.failures.push_back(event.why.code()); });
                },
                [=](const an::dropped& event) {
                  told->change([&](auto& all) { all.shed.push_back(event); });
                },
                [=](const an::listener_closed&) {
                  told->change([](auto& all) { all.closed = true; });
                }};
      });
}

} // namespace

TEST_CASE("without descriptors a listener sheds its clients, does not spin, and serves when there "
          "are some again") {
  few_descriptors limit;
  auto told = std::make_shared<watched<troubles>>();
  host program;
  auto server = program.listens(echo, {.address = any_port, .owner = owner_of(program, told)});
  auto where = program.address_of(server);
  std::vector<raw_socket> clients(10);
  for (auto& each : clients)
    each = raw_socket::unconnected();
  {
    no_descriptors now;
    REQUIRE(program.asks<an::listener_info>(server, an::get_info{}));
    now.use_up();
    auto begin = std::chrono::steady_clock::now();
    for (auto& each : clients) {
      each.connect_to(where);
      CHECK(each.receives_to_end().empty());
    }
    CHECK(told->becomes([&](const auto& all) { return all.shed.size() == clients.size(); }));
    CHECK(std::chrono::steady_clock::now() - begin < 1s);
    for (const auto& each : told->now().shed) {
      CHECK(each.reason == an::drop_reason::no_descriptors);
      CHECK(each.local == where);
      CHECK(each.remote.port() != 0);
    }
    CHECK(told->now().failures.front() == "EMFILE");
    CHECK(told->now().failures.size() <= 4); // in a second
    auto info = program.asks<an::listener_info>(server, an::get_info{});
    REQUIRE(info);
    CHECK(info->dropped == clients.size());

    // Nobody waits, so there is nothing to do. A question is answered in between: time passes.
    auto used_before = processor_time();
    begin = std::chrono::steady_clock::now();
    told->becomes([](const auto&) { return false; }, 1s);
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    std::chrono::duration<double> used = processor_time() - used_before;
    INFO("processor time " << used.count() << " s in " << passed.count() << " s");
    if (!is_instrumented)
      CHECK(used < passed / 20);
  }
  for (auto& each : clients) {
    each = raw_socket::connected_to(where);
    CHECK(each.sends("hello"));
    CHECK(each.receives_all(5) == "hello");
  }
  REQUIRE(program.orders(server, an::close{}));
  clients.clear();
  CHECK(told->becomes([](const auto& all) { return all.closed; }));
}

TEST_CASE("without descriptors nothing is listened on or connected to, and EMFILE is the reason") {
  few_descriptors limit;
  host program;
  auto server = program.listens(echo);
  auto where = to_string(program.address_of(server));
  auto told = std::make_shared<watched<std::vector<std::string>>>();
  no_descriptors now;
  auto second = program.net().listen({.address = any_port}, echo);
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == "EMFILE");
  CHECK(second.error().syscall == "socket");
  program.connects({.address = "tcp://" + where},
                   [=](caf::event_based_actor*, an::connection) -> caf::behavior {
                     return {[=](const an::failed& event) {
                       told->change([&](auto& all) { all.push_back(event.why.code()); });
                     }};
                   });
  CHECK(told->becomes([](const auto& all) { return !all.empty(); }));
  CHECK(told->now() == std::vector<std::string>{"EMFILE"});
  CHECK(program.orders(server, an::close{}));
}
