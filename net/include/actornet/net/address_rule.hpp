// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace actornet::net {

/// Some IP addresses: one, from one to another, or a subnet.
///
/// An IPv4 address and the same address mapped into IPv6 (`::ffff:a.b.c.d`) are one, whichever of
/// the two the rule or the question has: so `::/0` is everybody. Ports and zones do not matter.
class address_rule {
public:
  /// Refuses what is no IPv4 or IPv6 address.
  static expected<address_rule> single(const endpoint& address);
  /// From `first` to `last`, both included. Refuses two families, and a first behind its last.
  static expected<address_rule> range(const endpoint& first, const endpoint& last);
  /// All addresses that begin with the same `prefix_bits` as `address`, whose other bits do not
  /// matter. Refuses more than 32, or 128.
  static expected<address_rule> subnet(const endpoint& address, unsigned prefix_bits);
  /// `10.0.0.1`, `10.0.0.1-10.0.0.9` or `10.0.0.0/8`, likewise for IPv6. Every other text is
  /// refused with a sentence that says why.
  static expected<address_rule> parse(std::string_view text);

  /// False for unix sockets.
  bool contains(const endpoint& who) const noexcept;

  /// The ends of the rule; IPv4 is mapped.
  const endpoint::ipv6_bytes& first() const noexcept { return first_; }
  const endpoint::ipv6_bytes& last() const noexcept { return last_; }

  /// The text that `parse` reads back to an equal rule.
  friend std::string to_string(const address_rule& rule);
  friend bool operator==(const address_rule&, const address_rule&) = default;

private:
  enum class form : std::uint8_t { single, range, subnet };

  address_rule(form how, address_family family, const endpoint::ipv6_bytes& first,
               const endpoint::ipv6_bytes& last, unsigned prefix_bits)
      : form_(how), family_(family), prefix_bits_(static_cast<std::uint8_t>(prefix_bits)),
        first_(first), last_(last) {}

  form form_;
  address_family family_;
  std::uint8_t prefix_bits_; // of a subnet, in its own family
  endpoint::ipv6_bytes first_;
  endpoint::ipv6_bytes last_;
};

/// The bytes by which rules compare addresses: IPv4 is mapped into IPv6. `who` is an IP address.
endpoint::ipv6_bytes mapped_bytes(const endpoint& who) noexcept;

} // namespace actornet::net
