// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/endpoint.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <net/if.h>

namespace net = actornet::net;
using net::address_family;
using net::endpoint;

using namespace std::string_literals;

namespace {

endpoint parsed(std::string_view text) {
  auto result = endpoint::parse(text);
  INFO(text << " -> " << (result ? "" : to_string(result.error())));
  REQUIRE(result);
  return *result;
}

endpoint parsed_ip(std::string_view text, std::uint16_t port = 0) {
  auto result = endpoint::parse_ip(text, port);
  INFO(text << " -> " << (result ? "" : to_string(result.error())));
  REQUIRE(result);
  return *result;
}

// An interface that every Linux has.
std::uint32_t loopback_index() { return if_nametoindex("lo"); }

std::uint32_t index_of_no_interface() {
  char name[IF_NAMESIZE];
  std::uint32_t index = 100'000;
  while (if_indextoname(index, name))
    ++index;
  return index;
}

} // namespace

TEST_CASE("a default endpoint is no address") {
  endpoint none;
  CHECK(none.family() == address_family::none);
  CHECK(to_string(none) == "none");
  CHECK(none.address().empty());
  CHECK(none.with_port(80) == none);
  CHECK_FALSE(none.is_wildcard());
  CHECK_FALSE(none.is_loopback());
}

TEST_CASE("families are named as Node names them") {
  CHECK(to_string(address_family::ipv4) == "IPv4");
  CHECK(to_string(address_family::ipv6) == "IPv6");
  CHECK(to_string(address_family::unix_socket) == "unix");
  CHECK(to_string(address_family::none) == "none");
}

TEST_CASE("an IPv4 endpoint is parsed into its bytes and port") {
  auto end = parsed("192.0.2.7:65535");
  CHECK(end.family() == address_family::ipv4);
  CHECK(end.port() == 65535);
  CHECK(end.bytes() == endpoint::ipv6_bytes{192, 0, 2, 7});
  CHECK(end == endpoint::ipv4({192, 0, 2, 7}, 65535));
  CHECK(end.address() == "192.0.2.7");
  CHECK(to_string(end) == "192.0.2.7:65535");
}

TEST_CASE("an IPv6 endpoint is parsed into its bytes and port") {
  auto end = parsed("[2001:DB8::0001]:0");
  CHECK(end.family() == address_family::ipv6);
  CHECK(end.port() == 0);
  CHECK(end.scope_id() == 0);
  CHECK(end.bytes()[0] == 0x20);
  CHECK(end.bytes()[15] == 1);
  CHECK(end.address() == "2001:db8::1");
  CHECK(to_string(end) == "[2001:db8::1]:0");
}

TEST_CASE("well-known addresses have short names") {
  CHECK(to_string(endpoint::any_ipv4(1)) == "0.0.0.0:1");
  CHECK(to_string(endpoint::any_ipv6(2)) == "[::]:2");
  CHECK(to_string(endpoint::loopback_ipv4(3)) == "127.0.0.1:3");
  CHECK(to_string(endpoint::loopback_ipv6(4)) == "[::1]:4");
}

TEST_CASE("all spellings of an IPv6 address are one endpoint") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"::", "::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"::0001", "::1"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"FE80::ABCD", "fe80::abcd"},
      {"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
      {"::FFFF:7f00:1", "::ffff:127.0.0.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
  };
  for (const auto& [text, printed] : rows) {
    CHECK(parsed_ip(text).address() == printed);
    CHECK(parsed_ip("[" + text + "]", 9) == parsed("[" + printed + "]:9"));
  }
}

TEST_CASE("an address without a port is parsed with and without brackets") {
  CHECK(parsed_ip("127.0.0.1", 80) == endpoint::loopback_ipv4(80));
  CHECK(parsed_ip("::1", 81) == endpoint::loopback_ipv6(81));
  CHECK(parsed_ip("[::1]", 82) == endpoint::loopback_ipv6(82));
}

TEST_CASE("a zone may be the interface's name or its index, and prints as its name") {
  REQUIRE(loopback_index() != 0);
  auto index = std::to_string(loopback_index());
  auto by_name = parsed("[fe80::1%lo]:80");
  CHECK(by_name.scope_id() == loopback_index());
  CHECK(parsed("[fe80::1%" + index + "]:80") == by_name);
  CHECK(by_name.address() == "fe80::1%lo");
  CHECK(to_string(by_name) == "[fe80::1%lo]:80");
}

TEST_CASE("a zone without an interface of that index prints as its index") {
  auto index = index_of_no_interface();
  auto end = parsed("[fe80::1%" + std::to_string(index) + "]:80");
  CHECK(end.scope_id() == index);
  CHECK(to_string(end) == "[fe80::1%" + std::to_string(index) + "]:80");
  CHECK(parsed(to_string(end)) == end);
  CHECK(parsed("[fe80::1%4294967295]:1").scope_id() == 4294967295u);
}

TEST_CASE("a scope is kept for link-local addresses, near multicast and the wildcard only") {
  auto scope_after = [](const std::string& address) {
    auto bytes = parsed_ip(address).bytes();
    return endpoint::ipv6(bytes, 1, 7).scope_id();
  };
  for (auto kept : {"fe80::1", "febf::1", "ff01::1", "ff02::1", "ff12::1", "ff32::1", "::"})
    CHECK(scope_after(kept) == 7);
  for (auto dropped : {"::1", "2001:db8::1", "fec0::1", "fe7f::1", "ff05::1", "ff0e::1", "fd00::1",
                       "::ffff:127.0.0.1"})
    CHECK(scope_after(dropped) == 0);
}

TEST_CASE("unix sockets are paths, abstract names or unnamed") {
  auto path = parsed("unix:/run/x y.sock");
  CHECK(path.family() == address_family::unix_socket);
  CHECK(path.unix_name() == "/run/x y.sock");
  CHECK(path.is_unix_path());
  CHECK_FALSE(path.is_abstract());
  CHECK(path.port() == 0);
  CHECK(path.address() == "/run/x y.sock");
  CHECK(to_string(path) == "unix:/run/x y.sock");

  auto abstract = parsed("unix:@name");
  CHECK(abstract.unix_name() == "name");
  CHECK(abstract.is_abstract());
  CHECK_FALSE(abstract.is_unix_path());
  CHECK(abstract.address() == "@name");
  CHECK(to_string(abstract) == "unix:@name");

  auto unnamed = parsed("unix:");
  CHECK(unnamed == endpoint::unix_unnamed());
  CHECK_FALSE(unnamed.is_abstract());
  CHECK_FALSE(unnamed.is_unix_path());
  CHECK(to_string(unnamed) == "unix:");
  CHECK(path.with_port(80) == path);
}

TEST_CASE("an abstract name may hold any byte and may be empty") {
  auto name = "a\0b\n\xff@"s;
  auto end = endpoint::unix_abstract(name).value();
  CHECK(end.unix_name() == name);
  CHECK(to_string(end) == "unix:@" + name);
  CHECK(parsed(to_string(end)) == end);

  auto empty = endpoint::unix_abstract({}).value();
  CHECK(empty != endpoint::unix_unnamed());
  CHECK(to_string(empty) == "unix:@");
  CHECK(parsed("unix:@") == empty);
}

TEST_CASE("107 bytes fit into the name of a unix socket") {
  const std::string longest(107, 'x');
  CHECK(parsed("unix:" + longest).unix_name() == longest);
  CHECK(parsed("unix:@" + longest).unix_name() == longest);
}

TEST_CASE("a path that begins with '@' does not print as an abstract name") {
  auto end = endpoint::unix_path("@x").value();
  CHECK(to_string(end) == "unix:./@x");
  CHECK(parsed(to_string(end)).is_unix_path());
}

TEST_CASE("an endpoint knows whether it is wildcard, loopback or multicast") {
  struct {
    std::string text;
    bool wildcard, loopback, multicast;
  } const rows[] = {
      {"0.0.0.0:1", true, false, false},
      {"[::]:1", true, false, false},
      {"[::ffff:0.0.0.0]:1", true, false, false},
      {"0.0.0.1:1", false, false, false},
      {"127.0.0.1:1", false, true, false},
      {"127.255.255.254:1", false, true, false},
      {"128.0.0.1:1", false, false, false},
      {"[::1]:1", false, true, false},
      {"[::2]:1", false, false, false},
      {"[1::1]:1", false, false, false},
      {"[::ffff:127.0.0.1]:1", false, true, false},
      {"[::ffff:1.0.0.1]:1", false, false, false},
      {"223.255.255.255:1", false, false, false},
      {"224.0.0.1:1", false, false, true},
      {"239.255.255.255:1", false, false, true},
      {"240.0.0.0:1", false, false, false},
      {"255.255.255.255:1", false, false, false},
      {"[ff02::1]:1", false, false, true},
      {"[fe80::1]:1", false, false, false},
      {"[::ffff:224.0.0.1]:1", false, false, true},
      {"unix:/x", false, false, false},
      {"unix:", false, false, false},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    auto end = parsed(row.text);
    CHECK(end.is_wildcard() == row.wildcard);
    CHECK(end.is_loopback() == row.loopback);
    CHECK(end.is_multicast() == row.multicast);
  }
}

TEST_CASE("a mapped IPv4 address can be unmapped, others stay as they are") {
  auto mapped = parsed("[::ffff:127.0.0.1]:80");
  CHECK(mapped.is_ipv4_mapped());
  CHECK(mapped.unmapped() == endpoint::loopback_ipv4(80));
  for (auto text :
       {"127.0.0.1:80", "[::1]:80", "[::fffe:127.0.0.1]:80", "[1::ffff:7f00:1]:80", "unix:/x"}) {
    CHECK_FALSE(parsed(text).is_ipv4_mapped());
    CHECK(parsed(text).unmapped() == parsed(text));
  }
}

TEST_CASE("another port makes another endpoint with the same address") {
  auto end = parsed("[fe80::1%lo]:1").with_port(2);
  CHECK(end == parsed("[fe80::1%lo]:2"));
  CHECK(endpoint::loopback_ipv4(1).with_port(0) == endpoint::loopback_ipv4(0));
}

TEST_CASE("endpoints that differ in one thing are unequal, ordered and told apart by a map") {
  const std::vector<endpoint> all = {
      endpoint{},
      parsed("127.0.0.1:1"),
      parsed("127.0.0.1:2"),
      parsed("127.0.0.2:1"),
      parsed("[::1]:1"),
      parsed("[::ffff:127.0.0.1]:1"),
      parsed("[7f00:1::]:1"), // the same bytes as 127.0.0.1
      parsed("[fe80::1]:1"),
      parsed("[fe80::1%1]:1"),
      parsed("[fe80::1%2]:1"),
      parsed("unix:"),
      parsed("unix:@"),
      parsed("unix:x"),
      parsed("unix:@x"),
      endpoint::unix_abstract("x\0"s).value(),
  };
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < all.size(); ++k) {
      INFO(to_string(all[i]) << " and " << to_string(all[k]));
      CHECK((all[i] == all[k]) == (i == k));
      CHECK((all[i] < all[k]) == (all[k] > all[i]));
      CHECK(((all[i] <=> all[k]) == 0) == (i == k));
    }
  CHECK(std::set<endpoint>(all.begin(), all.end()).size() == all.size());
  CHECK(std::unordered_set<endpoint>(all.begin(), all.end()).size() == all.size());
}

TEST_CASE("equal endpoints have equal hashes, and neighbours rarely do") {
  CHECK(std::hash<endpoint>{}(parsed("[::0001]:5")) == endpoint::loopback_ipv6(5).hash());
  std::set<std::size_t> hashes;
  for (std::uint8_t last = 0; last < 100; ++last)
    for (std::uint16_t port = 1000; port < 1100; ++port)
      hashes.insert(endpoint::ipv4({10, 0, 0, last}, port).hash());
  CHECK(hashes.size() > 9'900);
}
