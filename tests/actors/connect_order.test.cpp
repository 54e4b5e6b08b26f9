// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include "connect_order.hpp"

#include <string>
#include <vector>

namespace an = actornet;
using an::net::address_family;
using an::net::endpoint;

namespace {

// Addresses by their last numbers: `4` is of IPv4, `6` of IPv6.
std::vector<endpoint> addresses(const std::string& families) {
  std::vector<endpoint> result;
  std::uint8_t last = 0;
  for (char each : families) {
    ++last;
    if (each == '4')
      result.push_back(endpoint::ipv4({10, 0, 0, last}, 80));
    else
      result.push_back(
          endpoint::ipv6({0x20, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}, 80));
  }
  return result;
}

std::string order_of(const std::string& families, address_family from = address_family::none) {
  std::string result;
  for (const auto& each : an::connect_order(addresses(families), from)) {
    const bool is_four = each.family() == address_family::ipv4;
    result += is_four ? "4." + std::to_string(each.bytes()[3]) + " "
                      : "6." + std::to_string(each.bytes()[15]) + " ";
  }
  return result;
}

} // namespace

TEST_CASE("families alternate, beginning with that of the first address") {
  CHECK(order_of("6644") == "6.1 4.3 6.2 4.4 ");
  CHECK(order_of("4466") == "4.1 6.3 4.2 6.4 ");
  CHECK(order_of("6464") == "6.1 4.2 6.3 4.4 ");
}

TEST_CASE("what one family has too many of follows in the resolver's order") {
  CHECK(order_of("66664") == "6.1 4.5 6.2 6.3 6.4 ");
  CHECK(order_of("4666") == "4.1 6.2 6.3 6.4 ");
  CHECK(order_of("444") == "4.1 4.2 4.3 ");
  CHECK(order_of("6") == "6.1 ");
  CHECK(order_of("").empty());
}

TEST_CASE(
    "an address to connect from leaves out what it cannot reach, unless nothing else is there") {
  CHECK(order_of("6464", address_family::ipv4) == "4.2 4.4 ");
  CHECK(order_of("6464", address_family::ipv6) == "6.1 6.3 ");
  CHECK(order_of("66", address_family::ipv4) == "6.1 6.2 ");
}
