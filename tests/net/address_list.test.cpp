// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/address_list.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace actornet::net;

namespace {

endpoint ip(const char* text) { return endpoint::parse_ip(text, 80).value(); }

endpoint ipv4(std::uint32_t number) {
  auto byte = [&](int shift) { return static_cast<std::uint8_t>(number >> shift); };
  return endpoint::ipv4({byte(24), byte(16), byte(8), byte(0)}, 0);
}

} // namespace

TEST_CASE("a list without rules has nobody on it") {
  address_list nobody;
  CHECK(nobody.empty());
  CHECK_FALSE(nobody.contains(ip("127.0.0.1")));
  CHECK(to_string(nobody).empty());
  CHECK(nobody == address_list(std::vector<address_rule>()));
}

TEST_CASE("a list has whom any of its rules has") {
  auto list = *address_list::parse({"10.0.0.0/8", "192.168.0.1", "::1", "10.1.0.0-11.0.0.1"});
  CHECK_FALSE(list.empty());
  CHECK(list.rules().size() == 4);
  for (const char* each : {"10.0.0.1", "11.0.0.1", "::ffff:192.168.0.1", "::1"})
    CHECK(list.contains(ip(each)));
  for (const char* each : {"9.9.9.9", "11.0.0.2", "192.168.0.0", "192.168.0.2", "::2", "::"})
    CHECK_FALSE(list.contains(ip(each)));
  CHECK_FALSE(list.contains(endpoint::unix_unnamed()));
  CHECK_FALSE(list.contains(endpoint()));
}

TEST_CASE("a list is printed as its rules, and copies are equal") {
  auto list = *address_list::parse({"10.0.0.0/8", "::1"});
  CHECK(to_string(list) == "10.0.0.0/8, ::1");
  auto copies = std::vector(2, list);
  CHECK(copies[1] == list);
  CHECK_FALSE(copies[1] == *address_list::parse({"10.0.0.0/8"}));
}

TEST_CASE("a text that is no rule makes no list") {
  CHECK_FALSE(address_list::parse({"10.0.0.0/33"}));
  auto refused = address_list::parse({"10.0.0.0/8", "nonsense"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == "EINVAL");
}

TEST_CASE("a list of many overlapping rules says what each of them says") {
  std::mt19937 dice(1);
  auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(dice()) % limit; };
  for (int round = 0; round < 50; ++round) {
    std::vector<address_rule> rules;
    for (std::uint32_t count = below(30); count > 0; --count) {
      auto first = below(1000);
      rules.push_back(*address_rule::range(ipv4(first), ipv4(first + below(40))));
    }
    address_list list(rules);
    for (std::uint32_t number = 0; number < 1100; ++number) {
      auto who = ipv4(number);
      bool by_any = std::any_of(rules.begin(), rules.end(),
                                [&](const address_rule& each) { return each.contains(who); });
      if (list.contains(who) != by_any)
        FAIL("round " << round << ", " << who.address());
    }
  }
}
