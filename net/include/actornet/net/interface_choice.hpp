// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace actornet::net {

/// Which of the host's interfaces is meant, for multicast. A value; any thread. Whether there is
/// such an interface is found out when it is used.
class interface_choice {
public:
  enum class kind : std::uint8_t { system, all, name, index, address };

  /// The one that the routing table names.
  interface_choice() = default;
  /// Each that is up and can do multicast, and the loopback.
  static interface_choice all();
  static interface_choice named(std::string name);
  /// if_nametoindex(3). 0 is the system's choice.
  static interface_choice numbered(std::uint32_t index);
  /// The one that has this address; the wildcard is the system's choice. Of an IPv6 address only
  /// the zone counts, if it has one: `::%eth0`.
  static interface_choice with_address(const endpoint& address);

  /// `` (empty): the system's choice, `*`: all, `2`: an index, `192.0.2.1`, `2001:db8::1`,
  /// `::%eth0`, `fe80::1%2`: by address, and everything else is a name, of 1 to 15 characters
  /// without '/' and white space (EINVAL).
  static expected<interface_choice> parse(std::string_view text);

  kind how() const noexcept { return how_; }
  const std::string& name() const noexcept { return name_; }
  std::uint32_t index() const noexcept { return index_; }
  const endpoint& address() const noexcept { return address_; }

  friend bool operator==(const interface_choice&, const interface_choice&) = default;

private:
  kind how_ = kind::system;
  std::uint32_t index_ = 0;
  std::string name_;
  endpoint address_;
};

/// The text that `parse` reads back to an equal choice.
std::string to_string(const interface_choice& what);

} // namespace actornet::net
