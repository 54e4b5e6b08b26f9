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
  no_descriptors() {
    for (int number = ::dup(0); number >= 0; number = ::dup(0))
      used_up_.push_back(number);
    REQUIRE(errno == EMFILE);
  }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;
  ~no_descriptors() {
    for (int each : used_up_)
      ::close(each);
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

// A tenth of a second lies between one and the next.
constexpr std::size_t complaints_count = 5;

/// What an owner was told.
struct complaints {
  std::vector<std::string> codes;
  bool closed = false;
};

} // namespace

TEST_CASE(
    "without descriptors a listener says so, does not spin, and serves when there are some again") {
  few_descriptors limit;
  auto told = std::make_shared<watched<complaints>>();
  host program;
  auto owner =
      spawn_function<caf::hidden>(program.system(), [=](caf::event_based_actor*) -> caf::behavior {
        return {[=](const an::listener_failed& event) {
                  told->change([&](auto& all) { all.codes.push_back(event.why.code()); });
                },
                [=](const an::listener_closed&) {
                  told->change([](auto& all) { all.closed = true; });
                }};
      });
  auto server = program.listens(echo, {.address = any_port, .owner = owner});
  auto where = program.address_of(server);
  std::vector<raw_socket> clients(10);
  for (auto& each : clients)
    each = raw_socket::unconnected();
  {
    no_descriptors now;
    auto used_before = processor_time();
    auto begin = std::chrono::steady_clock::now();
    for (auto& each : clients)
      each.connect_to(where);
    CHECK(told->becomes([](const auto& all) { return all.codes.size() >= complaints_count; }));
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    std::chrono::duration<double> used = processor_time() - used_before;
    INFO("processor time " << used.count() << " s in " << passed.count() << " s");
    // Whoever does not spin complains once in a while: 100 ms apart, and the first at once.
    CHECK(passed.count() > 0.09 * static_cast<double>(complaints_count - 1));
    if (!is_instrumented)
      // A loop that spins uses all of a core; CAF's idle workers, which poll, use some of it, too.
      CHECK(used < passed / 2);
    CHECK(told->now().codes == std::vector<std::string>(told->now().codes.size(), "EMFILE"));
    // The loop is not kept from anything else.
    CHECK(program.asks<an::connections>(server, an::get_connections{}));
  }
  for (auto& each : clients) {
    CHECK(each.sends("hello"));
    CHECK(each.receives_all(5) == "hello");
  }
  REQUIRE(program.orders(server, an::close{}));
  clients.clear();
  CHECK(told->becomes([](const auto& all) { return all.closed; }));
}
