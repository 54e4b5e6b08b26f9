// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/text_decoder.hpp>

#include <iostream>
#include <sstream>
#include <string>

// Answers each line of input with one of output, as text_program.js does with what Node has:
//
//   decode ENCODING PIECE...    the text of bytes that come in pieces
//   encode ENCODING TEXT        the bytes of a text in UTF-8; `refused` if there are none
//
// Bytes, also those of UTF-8, are written in hex, and none as `-`.

namespace net = actornet::net;

namespace {

std::string from_hex(const std::string& digits) {
  std::string bytes;
  if (digits != "-")
    for (std::size_t i = 0; i < digits.size(); i += 2)
      bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char each : bytes) {
    text += digits[static_cast<unsigned char>(each) >> 4];
    text += digits[static_cast<unsigned char>(each) & 15];
  }
  return text.empty() ? "-" : text;
}

std::string decoded(net::text_encoding encoding, std::istream& pieces) {
  net::text_decoder decoder(encoding);
  std::string text;
  for (std::string each; pieces >> each;)
    text += decoder.decode(from_hex(each));
  return to_hex(text + decoder.flush());
}

std::string encoded(net::text_encoding encoding, std::istream& rest) {
  std::string text;
  rest >> text;
  const auto bytes = net::encode(from_hex(text), encoding);
  return bytes ? to_hex(bytes->view()) : "refused";
}

} // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string verb;
    std::string name;
    words >> verb >> name;
    const auto encoding = net::text_encoding_named(name).value();
    std::cout << (verb == "decode" ? decoded(encoding, words) : encoded(encoding, words)) << '\n';
  }
}
