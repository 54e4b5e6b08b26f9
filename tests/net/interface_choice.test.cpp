// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/interface_choice.hpp>

using namespace actornet::net;
using kind = interface_choice::kind;

TEST_CASE("an interface is chosen by a text, which can be read back") {
  struct sample {
    std::string text;
    kind how;
    std::string back;
  };
  auto each = GENERATE(values<sample>({
      {"", kind::system, ""},
      {"*", kind::all, "*"},
      {"2", kind::index, "2"},
      {"0", kind::system, ""},
      {"eth0", kind::name, "eth0"},
      {"br-lan.7", kind::name, "br-lan.7"},
      {"192.0.2.1", kind::address, "192.0.2.1"},
      {"0.0.0.0", kind::system, ""},
      {"::", kind::system, ""},
      {"2001:db8::1", kind::address, "2001:db8::1"},
      {"::ffff:192.0.2.1", kind::address, "192.0.2.1"},
      {"::%1", kind::index, "1"},
      {"fe80::1%1", kind::index, "1"},
  }));
  CAPTURE(each.text);
  auto parsed = interface_choice::parse(each.text);
  REQUIRE(parsed);
  CHECK(parsed->how() == each.how);
  CHECK(to_string(*parsed) == each.back);
  CHECK(interface_choice::parse(each.back) == *parsed);
}

TEST_CASE("a text that cannot be an interface is refused with a sentence") {
  auto text = GENERATE("a name with blanks", "sixteen-letters-", "a/b", ".", "..", "1:2", "1.2.3",
                       "300.1.1.1", "4294967296", "007", "new\nline");
  CAPTURE(text);
  auto parsed = interface_choice::parse(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code() == "EINVAL");
  CHECK_FALSE(parsed.error().detail.empty());
}
