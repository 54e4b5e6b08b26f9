// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace actornet::net {

enum class address_family : std::uint8_t { none, ipv4, ipv6, unix_socket };

/// "IPv4", "IPv6", "unix" or "none", as the console and Node print them.
std::string_view to_string(address_family family) noexcept;

/// One end of a connection: an IPv4 or IPv6 address with a port, or the name of a unix socket.
///
/// An immutable value; any thread. Texts: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%eth0]:80`,
/// `unix:/run/x.sock`, `unix:@abstract-name`; the unnamed end of a unix connection is `unix:`.
/// The abstract name may hold any byte (unix(7)); a path holds 1 to 107 bytes and no NUL. Both are
/// printed as they are: who writes them to a terminal or a log has to escape them. A path that
/// begins with '@' prints as `./@...`, the same file, so that it is not taken for an abstract name.
class endpoint {
public:
  using ipv4_bytes = std::array<std::uint8_t, 4>;
  using ipv6_bytes = std::array<std::uint8_t, 16>;

  /// No address: family `none`, prints as "none".
  endpoint() = default;

  static endpoint ipv4(ipv4_bytes address, std::uint16_t port);
  /// The scope (an interface index, ipv6(7)) is kept where it means something: link-local addresses
  /// (fe80::/10), interface-local and link-local multicast (ff01::/16, ff02::/16, whatever their
  /// flags) and `::`, which with a scope names an interface. Elsewhere it becomes 0.
  static endpoint ipv6(ipv6_bytes address, std::uint16_t port, std::uint32_t scope_id = 0);
  static endpoint any_ipv4(std::uint16_t port);
  static endpoint any_ipv6(std::uint16_t port);
  static endpoint loopback_ipv4(std::uint16_t port);
  static endpoint loopback_ipv6(std::uint16_t port);
  /// Refuses empty and over-long paths (sun_path holds 107 bytes) and embedded NULs.
  static expected<endpoint> unix_path(std::string path);
  /// `name` without the leading '@' or NUL; 0 to 107 bytes (the kernel takes the empty name).
  static expected<endpoint> unix_abstract(std::string name);
  static endpoint unix_unnamed();

  /// The texts above. Every malformed text is refused with a sentence that says why. Numbers are
  /// strictly decimal, without sign and leading zeros; a zone is an interface's name or index, and
  /// an index need not exist.
  static expected<endpoint> parse(std::string_view text);
  /// A numeric address without a port: `127.0.0.1`, `::1`, `fe80::1%eth0` (brackets are allowed).
  static expected<endpoint> parse_ip(std::string_view address, std::uint16_t port);

  address_family family() const noexcept { return family_; }
  /// 0 for unix sockets.
  std::uint16_t port() const noexcept { return port_; }
  std::uint32_t scope_id() const noexcept { return scope_id_; }
  /// First 4 bytes for IPv4, all 16 for IPv6.
  const ipv6_bytes& bytes() const noexcept { return bytes_; }
  /// Path, or abstract name without its '@'; empty otherwise.
  const std::string& unix_name() const noexcept { return unix_name_; }
  bool is_abstract() const noexcept { return abstract_; }
  bool is_unix_path() const noexcept {
    return family_ == address_family::unix_socket && !abstract_ && !unix_name_.empty();
  }

  /// The address without the port: `127.0.0.1`, `::1`, `fe80::1%eth0`, `/run/x.sock`, `@name`;
  /// empty when there is none. The zone is the interface's name if it has one now, else its index
  /// (this asks the kernel).
  std::string address() const;
  /// Unchanged when the family has no ports.
  endpoint with_port(std::uint16_t port) const;

  /// The next three see through `::ffff:a.b.c.d`, as the kernel does; unix sockets are none of
  /// them.
  bool is_wildcard() const noexcept;
  bool is_loopback() const noexcept;
  bool is_multicast() const noexcept;
  bool is_ipv4_mapped() const noexcept;
  /// `::ffff:a.b.c.d` as plain IPv4; everything else unchanged.
  endpoint unmapped() const;

  friend bool operator==(const endpoint&, const endpoint&) = default;
  /// A total order for maps; it means nothing else.
  friend std::strong_ordering operator<=>(const endpoint&, const endpoint&) = default;

  std::size_t hash() const noexcept;

private:
  address_family family_ = address_family::none;
  bool abstract_ = false;
  std::uint16_t port_ = 0;
  std::uint32_t scope_id_ = 0;
  ipv6_bytes bytes_{};
  std::string unix_name_;
};

/// The text that `parse` reads back to an equal endpoint, or "none", which it does not read.
std::string to_string(const endpoint& what);

} // namespace actornet::net

template <> struct std::hash<actornet::net::endpoint> {
  std::size_t operator()(const actornet::net::endpoint& what) const noexcept { return what.hash(); }
};
