// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace net = actornet::net;
using net::address;
using net::endpoint;
using net::scheme;

using namespace std::string_literals;

namespace {

address parsed(std::string_view text) {
  auto result = address::parse(text);
  INFO(text << " -> " << (result ? "" : to_string(result.error())));
  REQUIRE(result);
  return *result;
}

std::string repeated(std::string_view part, int count) {
  std::string result;
  while (count-- > 0)
    result += part;
  return result;
}

} // namespace

TEST_CASE("a tcp address has a host and a port") {
  auto what = parsed("tcp://127.0.0.1:8080");
  CHECK(what.use == scheme::tcp);
  CHECK(what.host == "127.0.0.1");
  CHECK(what.port == 8080);
  CHECK(what.descriptor == -1);
  CHECK(what.unix_end == endpoint{});
  CHECK(what.numeric() == endpoint::loopback_ipv4(8080));
}

TEST_CASE("an IPv6 host is kept without its brackets") {
  auto what = parsed("tcp://[0:0::0001]:0");
  CHECK(what.host == "::1");
  CHECK(what.numeric() == endpoint::loopback_ipv6(0));
  CHECK(to_string(what) == "tcp://[::1]:0");
}

TEST_CASE("an IPv6 host may have a zone") {
  auto what = parsed("udp6://[ff02::1%lo]:5");
  CHECK(what.host == "ff02::1%lo");
  REQUIRE(what.numeric());
  CHECK(what.numeric()->scope_id() != 0);
}

TEST_CASE("a host name has to be resolved") {
  auto what = parsed("tcp://localhost:8080");
  CHECK(what.host == "localhost");
  CHECK(what.port == 8080);
  CHECK_FALSE(what.numeric());
}

TEST_CASE("a star is any address of the scheme's families") {
  CHECK(parsed("tcp://*:8080").host == "*");
  CHECK(parsed("tcp://*:8080").numeric() == endpoint::any_ipv6(8080));
  CHECK(parsed("udp6://*:1").numeric() == endpoint::any_ipv6(1));
  CHECK(parsed("udp4://*:1").numeric() == endpoint::any_ipv4(1));
}

TEST_CASE("unix addresses are paths or abstract names") {
  auto path = parsed("unix:/run/x y.sock");
  CHECK(path.use == scheme::unix_socket);
  CHECK(path.unix_end == endpoint::unix_path("/run/x y.sock"));
  CHECK(path.numeric() == path.unix_end);
  CHECK(path.host.empty());
  CHECK(parsed("unix:@abstract-name").unix_end == endpoint::unix_abstract("abstract-name"));
}

TEST_CASE("udp addresses say their family and may be unbound") {
  auto bound = parsed("udp4://0.0.0.0:41234");
  CHECK(bound.use == scheme::udp4);
  CHECK(bound.numeric() == endpoint::any_ipv4(41234));

  auto unbound = parsed("udp6:");
  CHECK(unbound.use == scheme::udp6);
  CHECK(unbound.host.empty());
  CHECK(unbound.port == 0);
  CHECK_FALSE(unbound.numeric());
  CHECK(parsed("udp4:").use == scheme::udp4);
}

TEST_CASE("a descriptor is a number") {
  CHECK(parsed("fd:3").use == scheme::descriptor);
  CHECK(parsed("fd:3").descriptor == 3);
  CHECK(parsed("fd:0").descriptor == 0);
  CHECK(parsed("fd:2147483647").descriptor == 2147483647);
  CHECK_FALSE(parsed("fd:3").numeric());
}

TEST_CASE("what is printed is read back as the same address") {
  for (std::string text : {
           "tcp://127.0.0.1:8080",
           "tcp://[::1]:0",
           "tcp://localhost:8080",
           "tcp://*:8080",
           "tcp://example.com.:80",
           "tcp://my_service-1:80",
           "tcp://3com.com:80",
           "tcp://[::ffff:127.0.0.1]:80",
           "tcp://[fe80::1%lo]:80",
           "unix:/run/x.sock",
           "unix:relative",
           "unix:@abstract-name",
           "udp4://0.0.0.0:41234",
           "udp4://localhost:1",
           "udp6://[::]:0",
           "udp6://[::ffff:127.0.0.1]:0",
           "udp4:",
           "udp6:",
           "fd:3",
       }) {
    CHECK(to_string(parsed(text)) == text);
    CHECK(parsed(to_string(parsed(text))) == parsed(text));
  }
}

TEST_CASE("the longest names are accepted") {
  auto label = std::string(63, 'a');
  auto name = label + "." + label + "." + label + "." + std::string(61, 'b');
  REQUIRE(name.size() == 253);
  CHECK(parsed("tcp://" + name + ":1").host == name);
  CHECK(parsed("tcp://" + name + ".:1").host == name + ".");
  CHECK(parsed("unix:" + std::string(107, 'p')).unix_end.unix_name().size() == 107);
}

TEST_CASE("every malformed address is refused with a sentence that says why") {
  const std::string usage = "write tcp://HOST:PORT";
  struct {
    std::string text;
    std::string because;
  } const rows[] = {
      // schemes
      {"", "the address is empty: " + usage},
      {"localhost", "scheme is missing in 'localhost': " + usage},
      {"tcp", "scheme is missing in 'tcp'"},
      {"8080", "scheme is missing in '8080'"},
      {"127.0.0.1:80", "scheme is missing in '127.0.0.1:80'"},
      {"localhost:80", "scheme is missing in 'localhost:80'"},
      {"[::1]:80", "scheme is missing in '[::1]:80'"},
      {"/run/x.sock", "scheme is missing in '/run/x.sock'"},
      {"@name", "scheme is missing in '@name'"},
      {"://x:1", "scheme is missing in '://x:1'"},
      {"http://x:1", "unknown scheme 'http': " + usage},
      {"TCP://x:1", "unknown scheme 'TCP'"},
      {"udp://x:1", "unknown scheme 'udp'"},
      {"tcp4://x:1", "unknown scheme 'tcp4'"},
      {"tcp:", "'//' is missing after 'tcp:': write tcp://HOST:PORT"},
      {"tcp:localhost:80", "'//' is missing after 'tcp:'"},
      {"tcp:/localhost:80", "'//' is missing after 'tcp:'"},
      {"udp4:0.0.0.0:1", "write udp4://HOST:PORT or udp4: alone"},
      {"udp6:/", "write udp6://HOST:PORT or udp6: alone"},
      // hosts and ports
      {"tcp://", "host and port are missing"},
      {"udp4://", "host and port are missing: write udp4://HOST:PORT"},
      {"tcp://:80", "host is missing before ':80': write tcp://*:PORT"},
      {"tcp://localhost", "port is missing after 'localhost'"},
      {"tcp://localhost:", "port is missing after 'localhost'"},
      {"tcp://[::1]", "port is missing after '[::1]'"},
      {"tcp://*", "port is missing after '*'"},
      {"tcp://localhost:http", "port 'http' is not a number"},
      {"tcp://localhost:65536", "port '65536' is above 65535"},
      {"tcp://localhost:080", "port '080' has a leading zero"},
      {"tcp://localhost:+80", "port '+80' has a plus sign"},
      {"tcp://localhost:-80", "port '-80' is negative"},
      {"tcp://localhost:80/", "port '80/' is not a number"},
      {"tcp://localhost:80/path", "port '80/path' is not a number"},
      {"tcp://localhost:80:90", "port '80:90' is not a number"},
      {"tcp://::1:80", "needs brackets"},
      {"tcp://fe80::1:80", "needs brackets"},
      {"tcp://[::1:80", "']' is missing"},
      {"tcp://[::1]x:80", "unexpected 'x:80' after ']'"},
      {"tcp://[localhost]:80", "brackets are for IPv6 addresses only"},
      {"tcp://[*]:80", "brackets are for IPv6 addresses only"},
      {"tcp://[::1%lo]:80", "a zone is for link-local addresses only"},
      {"tcp://[fe80::1%no-such-if]:80", "there is no interface 'no-such-if'"},
      {"tcp://[fe80::1%]:80", "the zone after '%' is empty"},
      {"tcp://127.0.0.1%lo:80", "a zone is for IPv6 addresses only"},
      {"tcp://127.1:80", "has 2 of the 4 octets"},
      {"tcp://2130706433:80", "has 1 of the 4 octets"},
      {"tcp://0177.0.0.1:80", "octet '0177' has a leading zero"},
      {"tcp://127.0.0.256:80", "octet '256' is above 255"},
      {"tcp://127.0.0.1.:80", "has 5 of the 4 octets"},
      {"tcp://0x7f000001:80", "'0x7f000001' is not a numeric address"},
      {"tcp://127.0.0.0x1:80", "'127.0.0.0x1' is not a numeric address"},
      {"tcp://a.1:80", "'a.1' is not a numeric address"},
      {"udp4://[::1]:1", "udp4 needs an IPv4 address, not '[::1]'"},
      {"udp6://127.0.0.1:1", "udp6 needs an IPv6 address, not '127.0.0.1'"},
      // host names
      {"tcp://user@host:80", "has the character '@'"},
      {"tcp://ex/ample:80", "has the character '/'"},
      {"tcp://*.com:80", "has the character '*'"},
      {"tcp://host%lo:80", "has the character '%'"},
      {"tcp://b\xc3\xbc"
       "cher.de:80",
       "has the character '\\xc3'"},
      {"tcp://a..b:80", "has an empty label"},
      {"tcp://.a:80", "has an empty label"},
      {"tcp://.:80", "has an empty label"},
      {"tcp://a..:80", "has an empty label"},
      {"tcp://-a:80", "begins or ends with '-'"},
      {"tcp://a-.b:80", "begins or ends with '-'"},
      {"tcp://" + std::string(64, 'a') + ":80", "a label of more than 63 bytes"},
      {"tcp://" + repeated("abc.", 63) + "ab:80", "has 254 bytes, 253 are possible"},
      // blanks and bytes
      {" tcp://x:1", "whitespace is not allowed"},
      {"tcp://x:1 ", "whitespace is not allowed"},
      {"tcp://x :1", "whitespace is not allowed"},
      {"tcp://x:1\n", "whitespace is not allowed"},
      {"fd: 3", "whitespace is not allowed"},
      {"tcp://x\0y:1"s, "a control character is not allowed"},
      {"fd:3\0"s, "a control character is not allowed"},
      // unix sockets
      {"unix:", "the name of the unix socket is missing: write unix:/run/x.sock"},
      {"unix:@", "the name of the unix socket is missing"},
      {"unix:" + std::string(108, 'p'), "has 108 bytes, 107 are possible"},
      {"unix:@" + std::string(108, 'p'), "the abstract name of the unix socket has 108 bytes"},
      {"unix:/run\0/x"s, "has a NUL in it"},
      // descriptors
      {"fd:", "descriptor is missing"},
      {"fd:-1", "descriptor '-1' is negative"},
      {"fd:+3", "descriptor '+3' has a plus sign"},
      {"fd:three", "descriptor 'three' is not a number"},
      {"fd:3x", "descriptor '3x' is not a number"},
      {"fd:0x3", "descriptor '0x3' is not a number"},
      {"fd:03", "descriptor '03' has a leading zero"},
      {"fd://3", "descriptor '//3' is not a number"},
      {"fd:2147483648", "descriptor '2147483648' is above 2147483647"},
      {"fd:99999999999999999999", "is above 2147483647"},
  };
  CHECK(std::size(rows) >= 60);
  for (const auto& row : rows) {
    auto result = address::parse(row.text);
    INFO("text: " << row.text);
    if (result) {
      FAIL_CHECK("accepted as " << to_string(*result));
      continue;
    }
    CHECK(result.error().kind == net::trouble::invalid_argument);
    INFO("sentence: " << result.error().message());
    CHECK(result.error().message().find(row.because) != std::string::npos);
  }
}
