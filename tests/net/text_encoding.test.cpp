// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/text_decoder.hpp>
#include <actornet/net/text_encoding.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using actornet::net::encode;
using actornet::net::text_decoder;
using actornet::net::text_encoding;
using actornet::net::text_encoding_named;
using Catch::Matchers::ContainsSubstring;
using namespace std::string_literals;

namespace {

const std::vector<text_encoding> all_encodings{
    text_encoding::utf8, text_encoding::utf16le, text_encoding::latin1,   text_encoding::ascii,
    text_encoding::hex,  text_encoding::base64,  text_encoding::base64url};

std::string encoded(std::string_view text, text_encoding encoding) {
  const auto bytes = encode(text, encoding);
  INFO(to_string(encoding) << ": " << text);
  REQUIRE(bytes);
  return std::string(bytes->view());
}

void check_refused(std::string_view text, text_encoding encoding) {
  CAPTURE(to_string(encoding), text);
  const auto bytes = encode(text, encoding);
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().code() == "EINVAL");
  CHECK_THAT(bytes.error().message(),
             ContainsSubstring(std::string(to_string(encoding)) + ": it is not") ||
                 ContainsSubstring("has no byte"));
}

} // namespace

TEST_CASE("encodings have the names that Node knows, in upper and lower case") {
  const std::vector<std::pair<const char*, text_encoding>> names{
      {"utf8", text_encoding::utf8},       {"UTF-8", text_encoding::utf8},
      {"utf16le", text_encoding::utf16le}, {"Utf-16LE", text_encoding::utf16le},
      {"ucs2", text_encoding::utf16le},    {"UCS-2", text_encoding::utf16le},
      {"latin1", text_encoding::latin1},   {"binary", text_encoding::latin1},
      {"ASCII", text_encoding::ascii},     {"hex", text_encoding::hex},
      {"base64", text_encoding::base64},   {"Base64Url", text_encoding::base64url}};
  for (const auto& [name, encoding] : names) {
    CAPTURE(name);
    REQUIRE(text_encoding_named(name));
    CHECK(*text_encoding_named(name) == encoding);
  }
}

TEST_CASE("an encoding is found by the name that it is told by") {
  for (const auto each : all_encodings) {
    CAPTURE(to_string(each));
    REQUIRE(text_encoding_named(to_string(each)));
    CHECK(*text_encoding_named(to_string(each)) == each);
  }
  CHECK(to_string(static_cast<text_encoding>(77)) == "unknown");
}

TEST_CASE("another name is refused with a sentence that has all of them") {
  for (const auto* wrong : {"", "utf", "utf88", "utf-32", "latin-1", "hex ", "none", "unknown"}) {
    CAPTURE(wrong);
    const auto found = text_encoding_named(wrong);
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == "EINVAL");
    CHECK_THAT(found.error().message(), ContainsSubstring("'" + std::string(wrong) + "'") &&
                                            ContainsSubstring("utf16le, utf-16le, ucs2"));
  }
}

TEST_CASE("text becomes the bytes of each encoding") {
  const std::string text = "h\u00e9";
  CHECK(encoded(text, text_encoding::utf8) == "h\xc3\xa9");
  CHECK(encoded(text, text_encoding::latin1) == "h\xe9");
  CHECK(encoded("h\u007f", text_encoding::ascii) == "h\x7f");
  CHECK(encoded("\u20ac\U0001F600", text_encoding::utf16le) == "\xac\x20\x3d\xd8\x00\xde"s);
  CHECK(encoded("00fFaB", text_encoding::hex) == "\x00\xff\xab"s);
  CHECK(encoded("Zm9vYg==", text_encoding::base64) == "foob");
  CHECK(encoded("Zm9vYg", text_encoding::base64url) == "foob");
}

TEST_CASE("no text is no bytes in every encoding") {
  for (const auto each : all_encodings)
    CHECK(encoded("", each).empty());
}

TEST_CASE("base64 takes both alphabets, with and without padding, over several lines") {
  for (const auto each : {text_encoding::base64, text_encoding::base64url}) {
    CHECK(encoded("+/8=", each) == "\xfb\xff");
    CHECK(encoded("-_8", each) == "\xfb\xff");
    CHECK(encoded("Zm9v\r\n YmFy\n", each) == "foobar");
  }
}

TEST_CASE("what an encoding has no bytes for is refused as a whole") {
  check_refused("\u0100", text_encoding::latin1);
  check_refused("abc\u20ac", text_encoding::latin1);
  check_refused("\u0080", text_encoding::ascii);
  for (const auto* wrong : {"a", "abc", "0x12", "zz", "12 34", "1 2", "\u00e9"})
    check_refused(wrong, text_encoding::hex);
  for (const auto each : {text_encoding::base64, text_encoding::base64url})
    for (const auto& wrong : {"Z"s, "Zm9vY"s, "Zm9v!"s, "Zg="s, "Zm9v=AAA"s, "Zm\0v"s, "Zm9v\0"s})
      check_refused(wrong, each);
}

TEST_CASE("what is not UTF-8 is no text of any encoding") {
  for (const auto each : all_encodings)
    for (const auto* wrong : {"\xff", "ok\xe2\x82", "\xed\xa0\x80", "\xc3(", "\xf4\x90\x80\x80"})
      check_refused(wrong, each);
}

TEST_CASE("a number that is no encoding is refused") {
  CHECK_FALSE(encode("", static_cast<text_encoding>(77)));
}

TEST_CASE("every byte comes back from the encodings that have a text for it") {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  for (const auto each : {text_encoding::latin1, text_encoding::hex, text_encoding::base64,
                          text_encoding::base64url}) {
    text_decoder decoder(each);
    auto text = decoder.decode(all);
    text += decoder.flush();
    CHECK((encoded(text, each) == all));
  }
}
