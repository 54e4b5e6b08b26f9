// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/address.hpp>

#include "address_text.hpp"

#include <algorithm>
#include <climits>
#include <utility>

namespace actornet::net {

namespace {

constexpr std::size_t host_name_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;
constexpr std::string_view digits = "0123456789";
constexpr std::string_view any_host = "*";

tl::unexpected<error> refuse(std::string sentence) {
  return fail(error::invalid(std::move(sentence)));
}

bool consists_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

std::string_view name_of(scheme use) {
  switch (use) {
  case scheme::tcp:
    return "tcp";
  case scheme::unix_socket:
    return "unix";
  case scheme::udp4:
    return "udp4";
  case scheme::udp6:
    return "udp6";
  case scheme::descriptor:
    return "fd";
  }
  return {};
}

std::optional<scheme> scheme_named(std::string_view name) {
  for (auto each :
       {scheme::tcp, scheme::unix_socket, scheme::udp4, scheme::udp6, scheme::descriptor})
    if (name_of(each) == name)
      return each;
  return std::nullopt;
}

// --- hosts ---

std::optional<error> trouble_with_label(std::string_view label, std::string_view name) {
  auto because = [&](std::string_view why) {
    return error::invalid("host name " + quoted(name) + " has " + std::string{why});
  };
  if (label.empty())
    return because("an empty label");
  if (label.size() > label_bytes_max)
    return because("a label of more than 63 bytes");
  if (label.front() == '-' || label.back() == '-')
    return because("a label that begins or ends with '-'");
  auto wrong = label.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-_");
  if (wrong != std::string_view::npos)
    return because("the character " + quoted(label.substr(wrong, 1)) +
                   ": letters, digits, '-' and '_' are possible");
  return std::nullopt;
}

std::optional<error> trouble_with_host_name(std::string_view name) {
  // "example.com." is the same name, said to be complete.
  auto labels = name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
  if (labels.size() > host_name_bytes_max)
    return error::invalid("host name " + quoted(name) + " has " + std::to_string(labels.size()) +
                          " bytes, 253 are possible");
  for (std::size_t begin = 0; begin <= labels.size();) {
    auto end = std::min(labels.find('.', begin), labels.size());
    if (auto trouble = trouble_with_label(labels.substr(begin, end - begin), name))
      return trouble;
    begin = end + 1;
  }
  return std::nullopt;
}

// getaddrinfo would take `127.1`, `0177.0.0.1` and `2130706433` for addresses, too. Like the URL
// standard (4.3, "ends in a number") we never take such a text for a name; unlike it, we refuse.
bool ends_in_number(std::string_view host) {
  host = host.substr(0, host.find('%'));
  if (host.ends_with('.'))
    host.remove_suffix(1);
  auto dot = host.rfind('.');
  auto label = dot == std::string_view::npos ? host : host.substr(dot + 1);
  if (label.starts_with("0x") || label.starts_with("0X"))
    return consists_of(label.substr(2), "0123456789abcdefABCDEF");
  return !label.empty() && consists_of(label, digits);
}

expected<std::string> parse_numeric_host(scheme use, std::string_view host) {
  auto end = endpoint::parse_ip(host, 0);
  if (!end)
    return fail(end.error());
  if (use == scheme::udp4 && end->family() != address_family::ipv4)
    return refuse("udp4 needs an IPv4 address, not " + quoted(host));
  if (use == scheme::udp6 && end->family() != address_family::ipv6)
    return refuse("udp6 needs an IPv6 address, not " + quoted(host));
  return end->address();
}

expected<std::string> parse_host(scheme use, std::string_view host) {
  if (host == any_host)
    return std::string{host};
  if (host.starts_with('[') || ends_in_number(host))
    return parse_numeric_host(use, host);
  if (auto trouble = trouble_with_host_name(host))
    return fail(*trouble);
  return std::string{host};
}

// --- what follows the scheme's colon ---

expected<address> parse_unix(std::string_view text, std::string_view name) {
  if (name.empty() || name == "@")
    return refuse("the name of the unix socket is missing: write unix:/run/x.sock or unix:@name");
  auto end = endpoint::parse(text);
  if (!end)
    return fail(end.error());
  address result;
  result.use = scheme::unix_socket;
  result.unix_end = std::move(*end);
  return result;
}

expected<address> parse_descriptor(std::string_view number) {
  auto descriptor = parse_decimal(number, "descriptor", INT_MAX);
  if (!descriptor)
    return fail(descriptor.error());
  address result;
  result.use = scheme::descriptor;
  result.descriptor = static_cast<int>(*descriptor);
  return result;
}

expected<address> parse_host_and_port(scheme use, std::string_view text) {
  auto parts = split_host_and_port(text);
  if (!parts)
    return fail(parts.error());
  auto host = parse_host(use, parts->host);
  if (!host)
    return fail(host.error());
  address result;
  result.use = use;
  result.host = std::move(*host);
  result.port = parts->port;
  return result;
}

expected<address> parse_internet(scheme use, std::string_view rest) {
  std::string name{name_of(use)};
  bool may_be_unbound = use != scheme::tcp;
  if (rest.empty() && may_be_unbound) {
    address unbound;
    unbound.use = use;
    return unbound;
  }
  if (!rest.starts_with("//"))
    return refuse("'//' is missing after '" + name + ":': write " + name + "://HOST:PORT" +
                  (may_be_unbound ? " or " + name + ": alone" : ""));
  rest.remove_prefix(2);
  if (rest.empty())
    return refuse("host and port are missing: write " + name + "://HOST:PORT");
  if (rest[0] == ':' && !rest.starts_with("::"))
    return refuse("host is missing before " + quoted(rest) + ": write " + name +
                  "://*:PORT for any address");
  return parse_host_and_port(use, rest);
}

constexpr std::string_view usage = "write tcp://HOST:PORT, unix:/PATH, unix:@NAME, "
                                   "udp4://HOST:PORT, udp6://HOST:PORT or fd:NUMBER";

tl::unexpected<error> refuse_scheme(std::string_view text, std::size_t colon) {
  if (text.substr(std::min(colon, text.size())).starts_with("://") && colon > 0)
    return refuse("unknown scheme " + quoted(text.substr(0, colon)) + ": " + std::string{usage});
  return refuse("scheme is missing in " + quoted(text) + ": " + std::string{usage});
}

} // namespace

expected<address> address::parse(std::string_view text) {
  if (text.empty())
    return refuse("the address is empty: " + std::string{usage});
  auto colon = text.find(':');
  auto use = scheme_named(text.substr(0, colon));
  bool has_scheme = use && colon != std::string_view::npos;
  if (has_scheme && *use == scheme::unix_socket)
    return parse_unix(text, text.substr(colon + 1));
  if (auto blanks = blanks_in(text))
    return fail(*blanks);
  if (!has_scheme)
    return refuse_scheme(text, colon);
  auto rest = text.substr(colon + 1);
  return *use == scheme::descriptor ? parse_descriptor(rest) : parse_internet(*use, rest);
}

std::optional<endpoint> address::numeric() const {
  if (use == scheme::unix_socket)
    return unix_end;
  if (use == scheme::descriptor || host.empty())
    return std::nullopt;
  if (host == any_host)
    return use == scheme::udp4 ? endpoint::any_ipv4(port) : endpoint::any_ipv6(port);
  auto end = endpoint::parse_ip(host, port);
  return end ? std::optional{*end} : std::nullopt;
}

std::string to_string(const address& what) {
  std::string prefix = std::string{name_of(what.use)} + ":";
  if (what.use == scheme::unix_socket)
    return to_string(what.unix_end);
  if (what.use == scheme::descriptor)
    return prefix + std::to_string(what.descriptor);
  if (what.host.empty())
    return prefix;
  bool is_ipv6 = what.host.find(':') != std::string::npos;
  return prefix + "//" + (is_ipv6 ? "[" + what.host + "]" : what.host) + ":" +
         std::to_string(what.port);
}

} // namespace actornet::net
