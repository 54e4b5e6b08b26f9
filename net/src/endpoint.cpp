// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/endpoint.hpp>

#include "address_text.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>

namespace actornet::net {

namespace {

// sun_path has 108 bytes (unix(7)): one goes to the NUL after a path or before an abstract name.
constexpr std::size_t unix_name_bytes_max = 107;

constexpr std::string_view unix_prefix = "unix:";
constexpr endpoint::ipv6_bytes mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

tl::unexpected<error> refuse(std::string sentence) {
  return fail(error::invalid(std::move(sentence)));
}

bool contains(std::string_view text, char c) { return text.find(c) != std::string_view::npos; }

bool consists_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// The text up to `separator`, which is taken from `rest` together with it.
std::string_view take_until(std::string_view& rest, char separator) {
  auto end = std::min(rest.find(separator), rest.size());
  auto taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

// --- why not? asked only after inet_pton refused ---

std::string why_not_ipv4(std::string_view text) {
  auto count = std::count(text.begin(), text.end(), '.') + 1;
  if (count != 4)
    return "has " + std::to_string(count) + " of the 4 octets";
  for (auto rest = text; count > 0; --count)
    if (auto octet = parse_decimal(take_until(rest, '.'), "octet", 255); !octet)
      return "is malformed: " + octet.error().message();
  return "is malformed";
}

/// How many 16 bit groups a list of groups without '::' has, or why one of them is none.
expected<std::size_t> count_groups(std::string_view list, bool may_end_in_ipv4) {
  std::size_t count = 0;
  if (list.ends_with(':'))
    return refuse("ends in a single ':'");
  while (!list.empty()) {
    bool is_last = !contains(list, ':');
    auto group = take_until(list, ':');
    if (group.empty())
      return refuse("has a ':' too many");
    if (contains(group, '.')) {
      auto octets = endpoint::parse_ip(group, 0);
      if (!is_last || !may_end_in_ipv4)
        return refuse("has dots before its end");
      if (!octets)
        return refuse("ends in dots: " + octets.error().message());
      count += 2;
      continue;
    }
    if (!consists_of(group, "0123456789abcdefABCDEF"))
      return refuse("has the group " + quoted(group) + ", which is not hexadecimal");
    if (group.size() > 4)
      return refuse("has the group " + quoted(group) + ", which is longer than 4 digits");
    ++count;
  }
  return count;
}

std::string why_not_ipv6(std::string_view text) {
  auto gap = text.find("::");
  bool has_gap = gap != std::string_view::npos;
  if (text.find(":::") != std::string_view::npos)
    return "has three colons in a row";
  if (has_gap && text.find("::", gap + 1) != std::string_view::npos)
    return "has '::' twice";
  auto after = has_gap ? text.substr(gap + 2) : std::string_view{};
  auto before_count = count_groups(text.substr(0, gap), !has_gap);
  auto after_count = count_groups(after, true);
  if (!before_count || !after_count)
    return (before_count ? after_count : before_count).error().message();
  auto count = *before_count + *after_count;
  if (has_gap)
    return count >= 8 ? "has " + std::to_string(count) + " groups beside its '::', 7 are possible"
                      : "is malformed";
  return count != 8 ? "has " + std::to_string(count) + " of the 8 groups" : "is malformed";
}

// --- zones ---

// The kernel looks at the scope for these alone (__ipv6_addr_needs_scope_id); `::` with a scope is
// how Node names the interface of a multicast membership.
bool has_scope(const endpoint::ipv6_bytes& bytes) {
  bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
  auto multicast_scope = bytes[1] & 0x0f;
  bool near_multicast = bytes[0] == 0xff && (multicast_scope == 1 || multicast_scope == 2);
  return link_local || near_multicast || bytes == endpoint::ipv6_bytes{};
}

expected<std::uint32_t> parse_zone(std::string_view zone) {
  if (zone.empty())
    return refuse("the zone after '%' is empty: write an interface, as in fe80::1%eth0");
  if (auto index = if_nametoindex(std::string{zone}.c_str()))
    return index;
  if (!consists_of(zone, "0123456789"))
    return refuse("there is no interface " + quoted(zone));
  auto index = parse_decimal(zone, "zone", UINT32_MAX);
  if (!index)
    return fail(index.error());
  if (*index == 0)
    return refuse("zone '0' is no interface");
  return static_cast<std::uint32_t>(*index);
}

// An interface may have a name that the texts cannot hold: it keeps its number.
bool is_plain_zone(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != ']' && c != '%'; });
}

std::string zone_text(std::uint32_t scope_id) {
  char name[IF_NAMESIZE] = {};
  if (if_indextoname(scope_id, name) && is_plain_zone(name))
    return name;
  return std::to_string(scope_id);
}

// --- addresses without a port ---

expected<endpoint> parse_ipv4(std::string_view text, std::uint16_t port) {
  if (contains(text, '%'))
    return refuse("a zone is for IPv6 addresses only, not for " + quoted(text));
  endpoint::ipv4_bytes bytes{};
  if (inet_pton(AF_INET, std::string{text}.c_str(), bytes.data()) == 1)
    return endpoint::ipv4(bytes, port);
  if (!consists_of(text, "0123456789."))
    return refuse(quoted(text) + " is not a numeric address");
  return refuse("IPv4 address " + quoted(text) + " " + why_not_ipv4(text));
}

expected<endpoint> parse_ipv6(std::string_view text, std::uint16_t port) {
  auto percent = text.find('%');
  auto plain = text.substr(0, percent);
  endpoint::ipv6_bytes bytes{};
  if (inet_pton(AF_INET6, std::string{plain}.c_str(), bytes.data()) != 1)
    return refuse("IPv6 address " + quoted(plain) + " " + why_not_ipv6(plain));
  if (percent == std::string_view::npos)
    return endpoint::ipv6(bytes, port);
  auto scope_id = parse_zone(text.substr(percent + 1));
  if (!scope_id)
    return fail(scope_id.error());
  if (!has_scope(bytes))
    return refuse("a zone is for link-local addresses only, not for " + quoted(plain));
  return endpoint::ipv6(bytes, port, *scope_id);
}

expected<endpoint> parse_bracketed(std::string_view text, std::uint16_t port) {
  auto close = text.find(']');
  if (close == std::string_view::npos)
    return refuse("']' is missing in " + quoted(text));
  if (close + 1 < text.size())
    return refuse("unexpected " + quoted(text.substr(close + 1)) + " after ']'");
  auto inner = text.substr(1, close - 1);
  if (inner.empty())
    return refuse("there is no address between the brackets");
  if (!contains(inner, ':'))
    return refuse("brackets are for IPv6 addresses only, not for " + quoted(inner));
  return parse_ipv6(inner, port);
}

expected<endpoint> parse_unix(std::string_view name) {
  if (name.empty())
    return endpoint::unix_unnamed();
  if (name[0] == '@')
    return endpoint::unix_abstract(std::string{name.substr(1)});
  return endpoint::unix_path(std::string{name});
}

std::string ntop(int family, const std::uint8_t* bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  [[maybe_unused]] auto result = inet_ntop(family, bytes, text, sizeof text);
  assert(result);
  return text;
}

std::size_t mix(std::size_t seed, std::size_t value) {
  // The golden ratio spreads small numbers over all bits, as in boost::hash_combine.
  return seed ^ (value + 0x9e3779b97f4a7c15u + (seed << 6) + (seed >> 2));
}

} // namespace

std::string_view to_string(address_family family) noexcept {
  switch (family) {
  case address_family::none:
    return "none";
  case address_family::ipv4:
    return "IPv4";
  case address_family::ipv6:
    return "IPv6";
  case address_family::unix_socket:
    return "unix";
  }
  return "unknown";
}

endpoint endpoint::ipv4(ipv4_bytes address, std::uint16_t port) {
  endpoint result;
  result.family_ = address_family::ipv4;
  std::copy(address.begin(), address.end(), result.bytes_.begin());
  result.port_ = port;
  return result;
}

endpoint endpoint::ipv6(ipv6_bytes address, std::uint16_t port, std::uint32_t scope_id) {
  endpoint result;
  result.family_ = address_family::ipv6;
  result.bytes_ = address;
  result.port_ = port;
  result.scope_id_ = has_scope(address) ? scope_id : 0;
  return result;
}

endpoint endpoint::any_ipv4(std::uint16_t port) { return ipv4({}, port); }

endpoint endpoint::any_ipv6(std::uint16_t port) { return ipv6({}, port); }

endpoint endpoint::loopback_ipv4(std::uint16_t port) { return ipv4({127, 0, 0, 1}, port); }

endpoint endpoint::loopback_ipv6(std::uint16_t port) {
  ipv6_bytes bytes{};
  bytes[15] = 1;
  return ipv6(bytes, port);
}

expected<endpoint> endpoint::unix_path(std::string path) {
  if (path.empty())
    return refuse("the path of the unix socket is empty");
  if (contains(path, '\0'))
    return refuse("the path of the unix socket has a NUL in it: " + quoted(path));
  if (path.size() > unix_name_bytes_max)
    return refuse("the path of the unix socket has " + std::to_string(path.size()) +
                  " bytes, 107 are possible: " + quoted(path));
  endpoint result;
  result.family_ = address_family::unix_socket;
  result.unix_name_ = std::move(path);
  return result;
}

expected<endpoint> endpoint::unix_abstract(std::string name) {
  if (name.size() > unix_name_bytes_max)
    return refuse("the abstract name of the unix socket has " + std::to_string(name.size()) +
                  " bytes, 107 are possible: " + quoted(name));
  endpoint result;
  result.family_ = address_family::unix_socket;
  result.abstract_ = true;
  result.unix_name_ = std::move(name);
  return result;
}

endpoint endpoint::unix_unnamed() {
  endpoint result;
  result.family_ = address_family::unix_socket;
  return result;
}

expected<endpoint> endpoint::parse(std::string_view text) {
  if (text.empty())
    return refuse("the address is empty: write it like 127.0.0.1:80, [::1]:80 or unix:/run/x.sock");
  if (text.starts_with(unix_prefix))
    return parse_unix(text.substr(unix_prefix.size()));
  if (auto blanks = blanks_in(text))
    return fail(*blanks);
  if (text.find("://") != std::string_view::npos)
    return refuse("a scheme is not allowed here: write " +
                  quoted(text.substr(text.find("://") + 3)) + " alone");
  auto parts = split_host_and_port(text);
  if (!parts)
    return fail(parts.error());
  return parse_ip(parts->host, parts->port);
}

expected<endpoint> endpoint::parse_ip(std::string_view address, std::uint16_t port) {
  if (address.empty())
    return refuse("the address is empty: write it like 127.0.0.1 or ::1");
  if (auto blanks = blanks_in(address))
    return fail(*blanks);
  if (address[0] == '[')
    return parse_bracketed(address, port);
  auto first_colon = std::min(address.find(':'), address.size());
  if (first_colon == address.size())
    return parse_ipv4(address, port);
  if (contains(address.substr(0, first_colon), '.'))
    return refuse("a port is not allowed here: write " + quoted(address.substr(0, first_colon)) +
                  " alone");
  return parse_ipv6(address, port);
}

std::string endpoint::address() const {
  switch (family_) {
  case address_family::none:
    return {};
  case address_family::ipv4:
    return ntop(AF_INET, bytes_.data());
  case address_family::ipv6:
    return ntop(AF_INET6, bytes_.data()) + (scope_id_ != 0 ? "%" + zone_text(scope_id_) : "");
  case address_family::unix_socket:
    if (abstract_)
      return "@" + unix_name_;
    return unix_name_.starts_with('@') ? "./" + unix_name_ : unix_name_;
  }
  return {};
}

endpoint endpoint::with_port(std::uint16_t port) const {
  endpoint result = *this;
  if (family_ == address_family::ipv4 || family_ == address_family::ipv6)
    result.port_ = port;
  return result;
}

bool endpoint::is_wildcard() const noexcept {
  switch (family_) {
  case address_family::ipv4:
    return bytes_ == ipv6_bytes{};
  case address_family::ipv6:
    return bytes_ == ipv6_bytes{} || bytes_ == mapped_prefix;
  default:
    return false;
  }
}

bool endpoint::is_loopback() const noexcept {
  if (is_ipv4_mapped())
    return bytes_[12] == 127;
  switch (family_) {
  case address_family::ipv4:
    return bytes_[0] == 127;
  case address_family::ipv6:
    return bytes_[15] == 1 &&
           std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto byte) { return byte == 0; });
  default:
    return false;
  }
}

bool endpoint::is_multicast() const noexcept {
  if (is_ipv4_mapped())
    return (bytes_[12] & 0xf0) == 0xe0;
  switch (family_) {
  case address_family::ipv4:
    return (bytes_[0] & 0xf0) == 0xe0;
  case address_family::ipv6:
    return bytes_[0] == 0xff;
  default:
    return false;
  }
}

bool endpoint::is_ipv4_mapped() const noexcept {
  return family_ == address_family::ipv6 &&
         std::equal(bytes_.begin(), bytes_.begin() + 12, mapped_prefix.begin());
}

endpoint endpoint::unmapped() const {
  if (!is_ipv4_mapped())
    return *this;
  return ipv4({bytes_[12], bytes_[13], bytes_[14], bytes_[15]}, port_);
}

std::size_t endpoint::hash() const noexcept {
  std::uint64_t halves[2] = {};
  std::memcpy(halves, bytes_.data(), sizeof halves);
  auto result = mix(std::size_t{port_}, static_cast<std::size_t>(family_) * 2 + abstract_);
  result = mix(result, std::hash<std::uint64_t>{}(halves[0]));
  result = mix(result, std::hash<std::uint64_t>{}(halves[1]));
  result = mix(result, scope_id_);
  return mix(result, std::hash<std::string>{}(unix_name_));
}

std::string to_string(const endpoint& what) {
  switch (what.family()) {
  case address_family::none:
    return "none";
  case address_family::ipv4:
    return what.address() + ":" + std::to_string(what.port());
  case address_family::ipv6:
    return "[" + what.address() + "]:" + std::to_string(what.port());
  case address_family::unix_socket:
    return std::string{unix_prefix} + what.address();
  }
  return {};
}

} // namespace actornet::net
