// SPDX-License-Identifier: BSD-3-Clause
#include "configured.hpp"

#include "support/catch.hpp"

#include <actornet/config.hpp>

#include <actornet/net/receive_budget.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace an = actornet;
using namespace std::chrono_literals;

namespace {

an::configured told(const std::vector<std::string>& arguments) {
  an::config cfg;
  cfg.parse(arguments);
  REQUIRE_FALSE(cfg.cli_helptext_printed);
  return an::read_options(cfg).value();
}

} // namespace

TEST_CASE("who configures nothing gets what the documents say") {
  auto got = told({});
  CHECK(got.backend == "auto");
  CHECK(got.loops == std::max(1u, std::thread::hardware_concurrency()));
  CHECK(got.of_each.events == an::delivery::in_place);
  CHECK(got.of_each.handler_budget == 10ms);
  CHECK(got.of_each.resolve_timeout == 30s);
  CHECK(got.of_each.busy_poll == 0us);
  CHECK(got.of_each.budget == nullptr);
}

TEST_CASE("every option of the configuration is read from a command line") {
  auto got = told({"--actornet.backend=epoll", "--actornet.loops=3", "--actornet.delivery=plain",
                   "--actornet.handler_budget_ms=7", "--actornet.resolve_timeout_ms=1500",
                   "--actornet.busy_poll_us=50", "--actornet.receive_budget_bytes=1000"});
  CHECK(got.backend == "epoll");
  CHECK(got.loops == 3);
  CHECK(got.of_each.events == an::delivery::plain);
  CHECK(got.of_each.handler_budget == 7ms);
  CHECK(got.of_each.resolve_timeout == 1500ms);
  CHECK(got.of_each.busy_poll == 50us);
  REQUIRE(got.of_each.budget);
  got.of_each.budget->charge(999);
  CHECK(got.of_each.budget->has_room());
  got.of_each.budget->charge(1);
  CHECK_FALSE(got.of_each.budget->has_room());
  got.of_each.budget->release(1000);
}

TEST_CASE("a time of 0 and one of centuries can be told") {
  auto got = told({"--actornet.handler_budget_ms=0", "--actornet.resolve_timeout_ms=0",
                   "--actornet.busy_poll_us=9000000000000000000"});
  CHECK(got.of_each.handler_budget == 0ms);
  CHECK(got.of_each.resolve_timeout == 0ms);
  CHECK(got.of_each.busy_poll == 1h);
}

TEST_CASE("a way of delivery that there is not is an error that names those there are") {
  an::config cfg;
  cfg.parse(std::vector<std::string>{"--actornet.delivery=fast"});
  auto refused = an::read_options(cfg);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail == "actornet.delivery is 'fast', but there are: in_place, plain");
}
