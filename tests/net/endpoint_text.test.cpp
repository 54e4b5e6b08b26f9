// SPDX-License-Identifier: BSD-3-Clause
#include "support/random_seeds.hpp"

#include <actornet/net/endpoint.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace net = actornet::net;
using actornet::test::for_random_seeds;
using net::address_family;
using net::endpoint;

using namespace std::string_literals;

namespace {

struct refusal {
  std::string text;
  std::string because;
};

template <class Parse> void check_refused(const std::vector<refusal>& rows, Parse parse) {
  for (const auto& row : rows) {
    auto result = parse(row.text);
    INFO("text: " << row.text);
    if (result) {
      FAIL_CHECK("accepted as " << to_string(*result));
      continue;
    }
    CHECK(result.error().kind == net::trouble::invalid_argument);
    CHECK(result.error().code() == "EINVAL");
    INFO("sentence: " << result.error().message());
    CHECK(result.error().message().find(row.because) != std::string::npos);
  }
}

} // namespace

TEST_CASE("every malformed endpoint is refused with a sentence that says why") {
  const std::string long_path(108, 'p');
  const std::vector<refusal> rows = {
      // nothing, or not an endpoint
      {"", "the address is empty"},
      {"none", "port is missing after 'none'"},
      {"tcp://127.0.0.1:80", "a scheme is not allowed here: write '127.0.0.1:80' alone"},
      {"localhost:80", "'localhost' is not a numeric address"},
      {"*:80", "'*' is not a numeric address"},
      {"x.y.z.w:80", "'x.y.z.w' is not a numeric address"},
      // ports
      {"127.0.0.1", "port is missing after '127.0.0.1'"},
      {"127.0.0.1:", "port is missing after '127.0.0.1'"},
      {"[::1]", "port is missing after '[::1]'"},
      {"[::1]:", "port is missing after '[::1]'"},
      {":80", "host is missing before ':80'"},
      {":", "host is missing before ':'"},
      {"127.0.0.1:http", "port 'http' is not a number"},
      {"127.0.0.1:0x50", "port '0x50' is not a number"},
      {"127.0.0.1:8o", "port '8o' is not a number"},
      {"127.0.0.1:8.0", "port '8.0' is not a number"},
      {"127.0.0.1:65536", "port '65536' is above 65535"},
      {"127.0.0.1:99999999999999999999999", "is above 65535"},
      {"127.0.0.1:080", "port '080' has a leading zero"},
      {"127.0.0.1:00", "port '00' has a leading zero"},
      {"127.0.0.1:+80", "port '+80' has a plus sign"},
      {"127.0.0.1:-1", "port '-1' is negative"},
      {"127.0.0.1:-", "port '-' is not a number"},
      {"127.0.0.1:80:90", "port '80:90' is not a number"},
      {"127.0.0.1:80/x", "port '80/x' is not a number"},
      {"[::1]:80x", "port '80x' is not a number"},
      // IPv4
      {"127.0.1:80", "has 3 of the 4 octets"},
      {"1:80", "has 1 of the 4 octets"},
      {"1.2.3.4.5:80", "has 5 of the 4 octets"},
      {"1.2.3.4.:80", "has 5 of the 4 octets"},
      {"1.2..4:80", "octet is missing"},
      {"1.2.3.256:80", "octet '256' is above 255"},
      {"1.2.3.1000:80", "octet '1000' is above 255"},
      {"01.2.3.4:80", "octet '01' has a leading zero"},
      {"1.2.3.00:80", "octet '00' has a leading zero"},
      {"0x7f.0.0.1:80", "'0x7f.0.0.1' is not a numeric address"},
      {"-1.2.3.4:80", "'-1.2.3.4' is not a numeric address"},
      {"127.0.0.1%lo:80", "a zone is for IPv6 addresses only"},
      // IPv6
      {"::1:80", "needs brackets"},
      {"fe80::1%lo:80", "needs brackets"},
      {"2001:db8::1", "needs brackets"},
      {"[::1:80", "']' is missing after the IPv6 address"},
      {"[", "']' is missing"},
      {"::1]:80", "needs brackets"},
      {"[::1]80", "unexpected '80' after ']'"},
      {"[::1]]:80", "unexpected ']:80' after ']'"},
      {"[]:80", "there is no address between the brackets"},
      {"[127.0.0.1]:80", "brackets are for IPv6 addresses only"},
      {"[localhost]:80", "brackets are for IPv6 addresses only"},
      {"[[::1]]:80", "unexpected ']:80' after ']'"},
      {"[1:2:3]:80", "has 3 of the 8 groups"},
      {"[1:2:3:4:5:6:7:8:9]:80", "has 9 of the 8 groups"},
      {"[1:2:3:4::5:6:7:8]:80", "has 8 groups beside its '::'"},
      {"[1:::2]:80", "three colons in a row"},
      {"[1::2::3]:80", "has '::' twice"},
      {"[:1:2:3:4:5:6:7]:80", "has a ':' too many"},
      {"[1:2:3:4:5:6:7:]:80", "ends in a single ':'"},
      {"[:]:80", "ends in a single ':'"},
      {"[::12345]:80", "the group '12345', which is longer than 4 digits"},
      {"[::g]:80", "the group 'g', which is not hexadecimal"},
      {"[::-1]:80", "the group '-1', which is not hexadecimal"},
      {"[::ffff:1.2.3]:80", "ends in dots: IPv4 address '1.2.3' has 3 of the 4 octets"},
      {"[::ffff:1.2.3.256]:80", "octet '256' is above 255"},
      {"[1.2.3.4::]:80", "has dots before its end"},
      {"[::1.2.3.4:5]:80", "has dots before its end"},
      {"[1:2:3:4:5:6:7:1.2.3.4]:80", "has 9 of the 8 groups"},
      {"[::1/64]:80", "the group '1/64'"},
      // zones
      {"[fe80::1%]:80", "the zone after '%' is empty"},
      {"[fe80::1%no-such-if]:80", "there is no interface 'no-such-if'"},
      {"[fe80::1%an-interface-with-a-long-name]:80", "there is no interface"},
      {"[fe80::1%0]:80", "zone '0' is no interface"},
      {"[fe80::1%4294967296]:80", "zone '4294967296' is above 4294967295"},
      {"[fe80::1%007]:80", "zone '007' has a leading zero"},
      {"[fe80::1%-1]:80", "there is no interface '-1'"},
      {"[::1%lo]:80", "a zone is for link-local addresses only, not for '::1'"},
      {"[ff0e::1%lo]:80", "a zone is for link-local addresses only"},
      // blanks and bytes
      {" 127.0.0.1:80", "whitespace is not allowed in ' 127.0.0.1:80'"},
      {"127.0.0.1:80 ", "whitespace is not allowed"},
      {"127.0.0.1: 80", "whitespace is not allowed"},
      {"[::1]:80\n", "whitespace is not allowed in '[::1]:80\\x0a'"},
      {"127.0.0.1\t:80", "whitespace is not allowed"},
      {"127.0.0.1\0:80"s, "a control character is not allowed in '127.0.0.1\\x00:80'"},
      {"127.0.0.1:80\0"s, "a control character is not allowed"},
      {"1.2.3.4\x7f:80", "a control character is not allowed"},
      {"1.2.3.\xc2\xb2:80", "'1.2.3.\\xc2\\xb2' is not a numeric address"},
      // unix sockets
      {"unix:" + long_path, "has 108 bytes, 107 are possible"},
      {"unix:@" + long_path, "the abstract name of the unix socket has 108 bytes"},
      {"unix:/run/\0x"s, "has a NUL in it: '/run/\\x00x'"},
      {"unix", "port is missing after 'unix'"},
      {"UNIX:/run/x", "port '/run/x' is not a number"},
      {"/run/x.sock", "port is missing after '/run/x.sock'"},
      {"@name", "port is missing after '@name'"},
  };
  CHECK(rows.size() >= 60);
  check_refused(rows, [](const std::string& text) { return endpoint::parse(text); });
}

TEST_CASE("every malformed numeric address is refused with a sentence that says why") {
  check_refused(
      {
          {"", "the address is empty"},
          {"localhost", "'localhost' is not a numeric address"},
          {"127.0.0.1:80", "a port is not allowed here: write '127.0.0.1' alone"},
          {"[::1]:80", "unexpected ':80' after ']'"},
          {"[::1", "']' is missing"},
          {"::1]", "the group '1]', which is not hexadecimal"},
          {"[127.0.0.1]", "brackets are for IPv6 addresses only"},
          {"127.1", "has 2 of the 4 octets"},
          {"::1 ", "whitespace is not allowed"},
          {"::1\0"s, "a control character is not allowed"},
          {"::1%lo", "a zone is for link-local addresses only"},
          {"fe80::1%lo%lo", "there is no interface 'lo%lo'"},
          {"unix:/run/x", "the group 'unix', which is not hexadecimal"},
      },
      [](const std::string& text) { return endpoint::parse_ip(text, 0); });
}

TEST_CASE("empty and over-long names and paths with a NUL are refused") {
  CHECK(endpoint::unix_path("").error().message() == "the path of the unix socket is empty");
  CHECK_FALSE(endpoint::unix_path("/a\0b"s));
  CHECK_FALSE(endpoint::unix_path(std::string(108, 'x')));
  CHECK(endpoint::unix_path(std::string(107, 'x')));
  CHECK_FALSE(endpoint::unix_abstract(std::string(108, 'x')));
  CHECK(endpoint::unix_abstract(std::string(107, 'x')));
}

TEST_CASE("a sentence about a very long text quotes only its beginning") {
  auto result = endpoint::parse_ip(std::string(100'000, 'x'), 0);
  REQUIRE_FALSE(result);
  CHECK(result.error().message().size() < 200);
  CHECK(result.error().message().find("xxx...'") != std::string::npos);
}

// The method: endpoints made of random bytes, biased to zeros so that '::' appears in all places,
// are printed, read back, and printed again.

namespace {

class endpoint_maker {
public:
  explicit endpoint_maker(std::uint64_t seed) : random_{seed} {}

  endpoint make() {
    auto port = static_cast<std::uint16_t>(below(65536));
    switch (below(5)) {
    case 0:
      return endpoint::ipv4({byte(), byte(), byte(), byte()}, port);
    case 1:
      return endpoint::ipv6(ipv6_bytes(), port);
    case 2:
      return make_scoped(port);
    case 3:
      return endpoint::unix_path(path()).value();
    default:
      return endpoint::unix_abstract(bytes(below(108))).value();
    }
  }

private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }

  endpoint::ipv6_bytes ipv6_bytes() {
    endpoint::ipv6_bytes result{};
    for (std::size_t at = 0; at < result.size(); at += 2)
      if (below(2) == 0) {
        result[at] = below(2) == 0 ? byte() : std::uint8_t{0};
        result[at + 1] = byte();
      }
    if (below(8) == 0) {
      std::fill(result.begin(), result.begin() + 10, std::uint8_t{0});
      result[10] = result[11] = 0xff;
    }
    return result;
  }

  endpoint make_scoped(std::uint16_t port) {
    auto bytes = ipv6_bytes();
    bytes[0] = 0xfe;
    bytes[1] = static_cast<std::uint8_t>(0x80 | (bytes[1] & 0x3f));
    return endpoint::ipv6(bytes, port, below(2) == 0 ? below(8) : below(4'000'000'000));
  }

  std::string bytes(std::size_t count) {
    std::string result(count, ' ');
    for (auto& c : result)
      c = static_cast<char>(byte());
    return result;
  }

  std::string path() {
    auto result = bytes(1 + below(107));
    std::replace(result.begin(), result.end(), '\0', '/');
    if (result[0] == '@')
      result[0] = '/';
    return result;
  }

  std::mt19937_64 random_;
};

} // namespace

TEST_CASE("what is printed is read back as the same endpoint", "[soak][random]") {
  for_random_seeds({.usual = 50, .soak = 5'000}, [](std::uint64_t seed) {
    endpoint_maker maker{seed};
    for (int turn = 0; turn < 100; ++turn) {
      auto end = maker.make();
      auto text = to_string(end);
      INFO("turn " << turn << ": " << text);
      auto again = endpoint::parse(text);
      REQUIRE(again);
      REQUIRE(*again == end);
      REQUIRE(again->hash() == end.hash());
      REQUIRE(to_string(*again) == text);
      if (end.family() != address_family::unix_socket)
        REQUIRE(endpoint::parse_ip(end.address(), end.port()) == end);
    }
  });
}

TEST_CASE("no damaged text crashes the parser, and what it takes it prints alike",
          "[soak][random]") {
  for_random_seeds({.usual = 200, .soak = 20'000}, [](std::uint64_t seed) {
    std::mt19937_64 random{seed};
    endpoint_maker maker{seed};
    constexpr std::string_view damage = "0123456789abcdef:::...[]%%+- lo\n/@x";
    for (int turn = 0; turn < 100; ++turn) {
      auto text = to_string(maker.make());
      for (auto count = random() % 4; count > 0 && !text.empty(); --count) {
        auto at = random() % text.size();
        if (random() % 2 == 0)
          text.erase(at, 1);
        else
          text.insert(at, 1, damage[random() % damage.size()]);
      }
      INFO("turn " << turn << ": " << text);
      if (auto end = endpoint::parse(text))
        REQUIRE(endpoint::parse(to_string(*end)) == end);
      else
        REQUIRE_FALSE(end.error().detail.empty());
    }
  });
}
