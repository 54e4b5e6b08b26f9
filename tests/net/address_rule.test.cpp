// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/address_rule.hpp>

#include <string>
#include <vector>

using namespace actornet::net;
using Catch::Matchers::ContainsSubstring;

namespace {

endpoint ip(const char* text) { return endpoint::parse_ip(text, 80).value(); }

address_rule rule(const char* text) { return address_rule::parse(text).value(); }

struct question {
  const char* rule;
  std::vector<const char*> inside;
  std::vector<const char*> outside;
};

} // namespace

TEST_CASE("a rule contains its addresses, whatever their port") {
  const question rows[] = {
      {"10.0.0.1", {"10.0.0.1"}, {"10.0.0.0", "10.0.0.2", "::1"}},
      {"10.0.0.1-10.0.1.2",
       {"10.0.0.1", "10.0.0.255", "10.0.1.0", "10.0.1.2"},
       {"10.0.0.0", "10.0.1.3"}},
      {"10.0.0.0/8", {"10.0.0.0", "10.255.255.255"}, {"9.255.255.255", "11.0.0.0"}},
      {"192.168.1.77/30", {"192.168.1.76", "192.168.1.79"}, {"192.168.1.75", "192.168.1.80"}},
      {"10.0.0.1/32", {"10.0.0.1"}, {"10.0.0.0", "10.0.0.2"}},
      {"0.0.0.0/0", {"0.0.0.0", "255.255.255.255"}, {"::", "::1", "::fffe:1.2.3.4"}},
      {"2001:db8::1", {"2001:db8::1"}, {"2001:db8::", "2001:db8::2", "1.2.3.4"}},
      {"2001:db8::-2001:db8::ffff",
       {"2001:db8::", "2001:db8::ffff"},
       {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::1:0"}},
      {"2001:db8:1:2::3/61",
       {"2001:db8:1::", "2001:db8:1:7:ffff:ffff:ffff:ffff"},
       {"2001:db8:0:ffff::", "2001:db8:1:8::"}},
      {"::1/128", {"::1"}, {"::", "::2"}},
      {"[::1]", {"::1"}, {"::2"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.rule);
    for (const char* each : row.inside) {
      CAPTURE(each);
      CHECK(rule(row.rule).contains(ip(each)));
    }
    for (const char* each : row.outside) {
      CAPTURE(each);
      CHECK_FALSE(rule(row.rule).contains(ip(each)));
    }
  }
}

TEST_CASE("an IPv4 address and the same one mapped into IPv6 are one") {
  CHECK(rule("10.0.0.0/8").contains(ip("::ffff:10.1.2.3")));
  CHECK_FALSE(rule("10.0.0.0/8").contains(ip("::ffff:11.1.2.3")));
  CHECK(rule("::ffff:10.0.0.1").contains(ip("10.0.0.1")));
  CHECK(rule("::ffff:10.0.0.0/104").contains(ip("10.1.2.3")));
  CHECK_FALSE(rule("::ffff:10.0.0.0/104").contains(ip("11.1.2.3")));
  CHECK(rule("10.0.0.1-10.0.0.9").contains(ip("::ffff:10.0.0.5")));
  CHECK(rule("::/0").contains(ip("1.2.3.4")));
  CHECK_FALSE(rule("::/96").contains(ip("1.2.3.4")));
}

TEST_CASE("zones do not matter") {
  CHECK(rule("fe80::/10").contains(ip("fe80::1%1")));
  CHECK(rule("fe80::1%1").contains(ip("fe80::1")));
  CHECK(rule("fe80::1").contains(ip("fe80::1%2")));
}

TEST_CASE("a unix socket is in no rule, and can be none") {
  for (const auto& each : {*endpoint::unix_path("/run/x"), *endpoint::unix_abstract("x"),
                           endpoint::unix_unnamed(), endpoint()}) {
    CHECK_FALSE(rule("::/0").contains(each));
    CHECK_FALSE(address_rule::single(each));
    CHECK_FALSE(address_rule::subnet(each, 0));
    CHECK_FALSE(address_rule::range(each, each));
  }
}

TEST_CASE("a rule is printed as the text that makes an equal one") {
  for (const char* each : {"10.0.0.1", "10.0.0.1-10.0.1.2", "10.0.0.0/8", "0.0.0.0/0", "::1",
                           "::1-::5", "2001:db8::/61", "::/0", "::ffff:10.0.0.1"}) {
    CHECK(to_string(rule(each)) == each);
    CHECK(rule(to_string(rule(each)).c_str()) == rule(each));
  }
  CHECK(to_string(rule("10.1.2.3/8")) == "10.0.0.0/8");
  CHECK(to_string(rule("2001:db8::1/32")) == "2001:db8::/32");
}

TEST_CASE("what makes no sense is refused with a sentence") {
  struct {
    const char* text;
    const char* says;
  } const rows[] = {
      {"", "the address is empty"},
      {"nonsense", "is not a numeric address"},
      {"10.0.0", "has 3 of the 4 octets"},
      {"10.0.0.1:80", "a port is not allowed here"},
      {"10.0.0.1/33", "33"},
      {"10.0.0.1/", "prefix"},
      {"10.0.0.1/-1", "prefix"},
      {"10.0.0.1/08", "prefix"},
      {"10.0.0.1/8/8", "prefix"},
      {"::1/129", "129"},
      {"/8", "the address is empty"},
      {"10.0.0.2-10.0.0.1", "is behind"},
      {"10.0.0.1-::1", "of two"},
      {"10.0.0.1-", "the address is empty"},
      {"-10.0.0.1", "the address is empty"},
      {"10.0.0.1-10.0.0.2-10.0.0.3", "is not a numeric address"},
      {" 10.0.0.1", "whitespace"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    auto refused = address_rule::parse(row.text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == trouble::invalid_argument);
    CHECK_THAT(refused.error().message(), ContainsSubstring(row.says));
  }
  auto too_long = address_rule::subnet(ip("10.0.0.1"), 33);
  REQUIRE_FALSE(too_long);
  CHECK_THAT(too_long.error().message(), ContainsSubstring("at most 32 bits, not 33"));
}
