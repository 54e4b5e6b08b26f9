// SPDX-License-Identifier: BSD-3-Clause
#include "support/backend_world.hpp"
#include "support/recorded_lookup.hpp"

#include <algorithm>
#include <set>

using namespace actornet::net;
using namespace actornet::test;

TEST_CASE("localhost is looked up without blocking", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_lookup asked;
  asked.lookup = world.backend().look_up({"localhost", 8080}, asked);
  CHECK(asked.answers == 0);
  REQUIRE(world.run_until([&] { return asked.answers > 0; }));
  REQUIRE(!asked.found.empty());
  CHECK(std::all_of(asked.found.begin(), asked.found.end(), [](const endpoint& each) {
    return each.is_loopback() && each.port() == 8080;
  }));
  CHECK(std::set(asked.found.begin(), asked.found.end()).size() == asked.found.size());
}

TEST_CASE("a numeric host is its own answer", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_lookup ipv4, ipv6;
  ipv4.lookup = world.backend().look_up({"192.0.2.7", 1}, ipv4);
  ipv6.lookup = world.backend().look_up({"2001:db8::7", 2}, ipv6);
  REQUIRE(world.run_until([&] { return ipv4.answers > 0 && ipv6.answers > 0; }));
  CHECK(ipv4.found == std::vector{*endpoint::parse("192.0.2.7:1")});
  CHECK(ipv6.found == std::vector{*endpoint::parse("[2001:db8::7]:2")});
}

TEST_CASE("only the family that was asked for is answered", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_lookup asked;
  asked.lookup = world.backend().look_up({"localhost", 1, address_family::ipv4}, asked);
  REQUIRE(world.run_until([&] { return asked.answers > 0; }));
  CHECK(asked.found == std::vector{endpoint::loopback_ipv4(1)});
}

TEST_CASE("a name that does not exist is not resolved, and the error names it", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_lookup asked;
  asked.lookup = world.backend().look_up({"unknown.invalid", 80}, asked);
  REQUIRE(world.run_until([&] { return asked.answers > 0; }));
  REQUIRE(asked.failure);
  CHECK(asked.failure->kind == trouble::not_resolved);
  CHECK(asked.failure->address == "unknown.invalid");
  CHECK(asked.failure->syscall == "getaddrinfo");
  // Without a name server in reach, the answer is EAI_AGAIN.
  CHECK((asked.failure->code() == "ENOTFOUND" || asked.failure->code() == "EAI_AGAIN"));
}

TEST_CASE("a lookup that is cancelled tells nothing", "[backend]") {
  ON_EVERY_BACKEND(world);
  recorded_lookup cancelled, other;
  cancelled.lookup = world.backend().look_up({"localhost", 1}, cancelled);
  other.lookup = world.backend().look_up({"localhost", 1}, other);
  cancelled.lookup.reset();
  REQUIRE(world.run_until([&] { return other.answers > 0; }));
  world.settle();
  CHECK(cancelled.answers == 0);
}

TEST_CASE("a lookup may be cancelled from within its answer", "[backend]") {
  ON_EVERY_BACKEND(world);
  struct self_cancelling final : name_lookup_events {
    name_lookup_ptr lookup;
    int answers = 0;
    void on_resolved(std::vector<endpoint>) override { done(); }
    void on_not_resolved(const error&) override { done(); }
    void done() {
      ++answers;
      lookup.reset();
    }
  } asked;
  asked.lookup = world.backend().look_up({"localhost", 1}, asked);
  REQUIRE(world.run_until([&] { return asked.answers > 0; }));
  world.settle();
  CHECK(asked.answers == 1);
}
