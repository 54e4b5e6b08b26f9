// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <actornet/net/text_decoder.hpp>

#include <string>
#include <string_view>
#include <vector>

using actornet::net::text_decoder;
using actornet::net::text_encoding;
using namespace std::string_literals;

namespace {

const std::string replaced = "\uFFFD";

std::string times(std::size_t count, const std::string& what) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += what;
  return all;
}

std::string decoded(text_encoding encoding, std::string_view bytes) {
  text_decoder decoder(encoding);
  auto text = decoder.decode(bytes);
  return text + decoder.flush();
}

/// The same wherever the bytes are cut in two, and when they come one by one.
void check_in_pieces(text_encoding encoding, std::string_view bytes, const std::string& expected) {
  CAPTURE(to_string(encoding), bytes.size());
  CHECK(decoded(encoding, bytes) == expected);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CAPTURE(cut);
    text_decoder decoder(encoding);
    auto text = decoder.decode(bytes.substr(0, cut));
    text += decoder.decode(bytes.substr(cut));
    text += decoder.flush();
    CHECK(text == expected);
  }
  text_decoder decoder(encoding);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    text += decoder.decode(bytes.substr(i, 1));
  CHECK(text + decoder.flush() == expected);
}

} // namespace

TEST_CASE("UTF-8 stays what it is, wherever it is cut") {
  // One, two, three and four bytes, and the first and last of each length.
  check_in_pieces(text_encoding::utf8, "h\u00e9\u20ac\U0001F600!", "h\u00e9\u20ac\U0001F600!");
  const auto limits = "\0\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"s;
  check_in_pieces(text_encoding::utf8, limits, limits);
  check_in_pieces(text_encoding::utf8, "", "");
}

TEST_CASE("a character comes with its last byte, and not a part of it before") {
  text_decoder decoder(text_encoding::utf8);
  CHECK(decoder.decode("a\xf0\x9f") == "a");
  CHECK(decoder.decode("").empty());
  CHECK(decoder.decode("\x98").empty());
  CHECK(decoder.decode("\x80z") == "\U0001F600z");
  CHECK(decoder.flush().empty());
}

TEST_CASE(
    "in place of what is not UTF-8 there is one U+FFFD for each beginning that goes on no more") {
  struct example {
    std::string bytes;
    std::string text;
  };
  // The tables 3-8 to 3-11 of the Unicode standard are among them.
  const std::vector<example> examples{
      {"\xff", replaced},
      {"\x80\xbf", times(2, replaced)},
      {"a\xe2\x82z", "a" + replaced + "z"},
      {"\xc3\xc3\xa9", replaced + "\u00e9"},
      {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", times(8, replaced) + "A"},
      {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", times(8, replaced) + "A"},
      {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", times(5, replaced) + "A" + times(2, replaced) + "B"},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", times(4, replaced) + "A"},
      {"\xf5\x80\x80\x80", times(4, replaced)},
      {"\xc1\xbf", times(2, replaced)},
      {"\xf0\x9f\x98", replaced},
      {"ok\xe2", "ok" + replaced},
      {"\xe2\x82\xe2\x82\xac", replaced + "\u20ac"},
  };
  for (const auto& each : examples)
    check_in_pieces(text_encoding::utf8, each.bytes, each.text);
}

TEST_CASE("UTF-16 is cut within units and within pairs") {
  check_in_pieces(text_encoding::utf16le, "h\0\xe9\0\xac\x20\x3d\xd8\x00\xde!\0"s,
                  "h\u00e9\u20ac\U0001F600!");
  check_in_pieces(text_encoding::utf16le, "\x00\xd8\x00\xdc\xff\xdb\xff\xdf\xff\xff"s,
                  "\U00010000\U0010ffff\uffff");
}

TEST_CASE("a surrogate without its other half is U+FFFD, and an odd byte at the end nothing") {
  check_in_pieces(text_encoding::utf16le, "\x3d\xd8\x41\0"s, replaced + "A");
  check_in_pieces(text_encoding::utf16le, "\x00\xde\x41\0"s, replaced + "A");
  check_in_pieces(text_encoding::utf16le, "\x3d\xd8\x3d\xd8\x00\xde"s, replaced + "\U0001F600");
  check_in_pieces(text_encoding::utf16le, "A\0\x3d\xd8"s, "A" + replaced);
  check_in_pieces(text_encoding::utf16le, "A\0\x3d\xd8\x00"s, "A" + replaced);
  check_in_pieces(text_encoding::utf16le, "A\0B"s, "A");
}

TEST_CASE("of latin1 every byte is a character, of ascii seven bits of it") {
  check_in_pieces(text_encoding::latin1, "a\x80\xe9\xff"s, "a\u0080\u00e9\u00ff");
  check_in_pieces(text_encoding::ascii, "a\x80\xe9\xff"s, "a\0i\x7f"s);
}

TEST_CASE("bytes are written down in hex, and in base64 by threes") {
  check_in_pieces(text_encoding::hex, "\x00\x0f\xab\xff"s, "000fabff");
  check_in_pieces(text_encoding::base64, "f", "Zg==");
  check_in_pieces(text_encoding::base64, "fo", "Zm8=");
  check_in_pieces(text_encoding::base64, "foo", "Zm9v");
  check_in_pieces(text_encoding::base64, "foobar\xfb\xff", "Zm9vYmFy+/8=");
  check_in_pieces(text_encoding::base64url, "foobar\xfb\xff", "Zm9vYmFy-_8");
  text_decoder decoder(text_encoding::base64);
  CHECK(decoder.decode("fo").empty());
  CHECK(decoder.decode("ob") == "Zm9v");
}

TEST_CASE("a decoder that was flushed begins anew") {
  text_decoder decoder(text_encoding::utf8);
  CHECK(decoder.decode("\xe2\x82").empty());
  CHECK(decoder.flush() == replaced);
  CHECK(decoder.flush().empty());
  CHECK(decoder.decode("\xc3\xa9") == "\u00e9");
}
