// SPDX-License-Identifier: BSD-3-Clause
#include "address_text.hpp"

#include <algorithm>
#include <charconv>

namespace actornet::net {

namespace {

constexpr std::size_t quoted_bytes_max = 64;

// Not std::isdigit and its kin: those ask the locale.
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

std::string escaped(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

bool looks_like_bare_ipv6(std::string_view text) {
  if (std::count(text.begin(), text.end(), ':') < 2)
    return false;
  auto group = text.substr(0, text.find(':'));
  return group.size() <= 4 && std::all_of(group.begin(), group.end(), is_hex_digit);
}

expected<std::size_t> find_port_colon(std::string_view text) {
  if (text.starts_with('[')) {
    auto close = text.find(']');
    if (close == std::string_view::npos)
      return fail(error::invalid("']' is missing after the IPv6 address in " + quoted(text)));
    if (close + 1 < text.size() && text[close + 1] != ':')
      return fail(error::invalid("unexpected " + quoted(text.substr(close + 1)) + " after ']'"));
    return close + 1;
  }
  if (looks_like_bare_ipv6(text))
    return fail(error::invalid("an IPv6 address with a port needs brackets, as in [::1]:80, not " +
                               quoted(text)));
  return std::min(text.find(':'), text.size());
}

} // namespace

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (char c : text.substr(0, quoted_bytes_max)) {
    if (is_printable(c))
      result += c;
    else
      result += escaped(c);
  }
  return result + (text.size() > quoted_bytes_max ? "...'" : "'");
}

expected<std::uint64_t> parse_decimal(std::string_view text, std::string_view what,
                                      std::uint64_t largest) {
  auto refuse = [&](std::string_view why) {
    return fail(error::invalid(std::string{what} + " " + quoted(text) + " " + std::string{why}));
  };
  if (text.empty())
    return fail(error::invalid(std::string{what} + " is missing"));
  bool has_sign = text[0] == '+' || text[0] == '-';
  auto digits = text.substr(has_sign ? 1 : 0);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
    return refuse("is not a number");
  if (has_sign)
    return refuse(text[0] == '-' ? "is negative" : "has a plus sign: write digits only");
  if (text.size() > 1 && text[0] == '0')
    return refuse("has a leading zero");
  std::uint64_t number = 0;
  auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (trouble != std::errc{} || number > largest)
    return refuse("is above " + std::to_string(largest));
  return number;
}

expected<std::uint16_t> parse_port(std::string_view text) {
  return parse_decimal(text, "port", UINT16_MAX).map([](std::uint64_t number) {
    return static_cast<std::uint16_t>(number);
  });
}

std::optional<error> blanks_in(std::string_view text) {
  auto found = std::find_if(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 127;
  });
  if (found == text.end())
    return std::nullopt;
  bool is_blank = *found == ' ' || (*found >= '\t' && *found <= '\r');
  return error::invalid(std::string{is_blank ? "whitespace" : "a control character"} +
                        " is not allowed in " + quoted(text));
}

expected<host_and_port> split_host_and_port(std::string_view text) {
  auto colon = find_port_colon(text);
  if (!colon)
    return fail(colon.error());
  auto host = text.substr(0, *colon);
  if (host.empty())
    return fail(error::invalid("host is missing before " + quoted(text)));
  if (*colon + 1 >= text.size())
    return fail(error::invalid("port is missing after " + quoted(host)));
  auto port = parse_port(text.substr(*colon + 1));
  if (!port)
    return fail(port.error());
  return host_and_port{host, *port};
}

} // namespace actornet::net
