// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/counted_allocations.hpp"

#include <actornet/actornet.hpp>

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

#include <caf/atom.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

// How often memory is allocated. A program of its own, in which that is counted.

namespace an = actornet;
using an::test::counted_allocations;

namespace {

/// A system whose one loop, on the kernel, is turned by the test. The simulated network allocates.
class turned_system {
public:
  explicit turned_system(an::delivery how) {
    config_.set("scheduler.policy", caf::atom("testing"));
    config_.module_factories.emplace_back([how](caf::actor_system& system) {
      auto make = [] {
        return std::move(*an::net::make_epoll_backend(std::make_shared<an::net::resolver>()));
      };
      return new an::runtime(system, 1, make, how);
    });
    system_ = std::make_unique<caf::actor_system>(config_);
    system_->await_actors_before_shutdown(false);
  }
  ~turned_system() { net().stop(); }
  turned_system(const turned_system&) = delete;
  turned_system& operator=(const turned_system&) = delete;

  an::runtime& net() { return an::runtime::from(*system_); }

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

/// Of each of some requests: what is allocated from when it was sent until its answer is handled.
std::vector<std::size_t> allocations_per_answer(an::delivery how, int requests) {
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  std::vector<std::size_t> result;
  {
    turned_system w(how);
    const auto bytes = an::text("x");
    std::size_t sent = 0;
    std::size_t answered = 0;
    caf::actor asker;
    auto asks = [&](caf::event_based_actor* self, an::connection peer) -> caf::behavior {
      asker = self;
      return {[&, self, peer](int) {
        self->request(peer, caf::infinite, an::write{bytes}).then([&](const an::written&) {
          answered = counted_allocations();
        });
        sent = counted_allocations();
      }};
    };
    w.net().connect({.address = "fd:" + std::to_string(pair[0])}, asks).value();
    while (asker == nullptr)
      w.net().turn();
    for (int i = 0; i < requests; ++i) {
      answered = 0;
      caf::anon_send(asker, 1);
      while (answered == 0)
        w.net().turn();
      result.push_back(answered - sent);
    }
    asker = nullptr;
  }
  ::close(pair[1]);
  return result;
}

void check_one_each(an::delivery how) {
  constexpr std::size_t requests = 50;
  auto all = allocations_per_answer(how, requests);
  REQUIRE(all.size() == requests);
  // The first ones make the queues as long as they have to be.
  const std::vector<std::size_t> later(all.begin() + 10, all.end());
  CHECK(later == std::vector<std::size_t>(requests - 10, 1));
}

} // namespace

TEST_CASE("the answer to a write is one allocation: the message with its content within") {
  check_one_each(an::delivery::in_place);
}

TEST_CASE("the answer to a write is one allocation also on the plain path") {
  check_one_each(an::delivery::plain);
}
