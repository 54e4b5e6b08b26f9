// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/address_rule.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace actornet::net {

/// IP addresses that are allowed, or denied: those that any of its rules contains.
///
/// An immutable value; any thread. Copies share their rules. A question takes the logarithm of the
/// number of rules.
class address_list {
public:
  /// Nobody.
  address_list() = default;
  explicit address_list(std::vector<address_rule> rules);
  /// `{"10.0.0.0/8", "::1"}`: each text as `address_rule::parse` reads it. The first that is
  /// malformed is refused.
  static expected<address_list> parse(const std::vector<std::string_view>& texts);

  bool empty() const noexcept { return rules().empty(); }
  /// False for unix sockets.
  bool contains(const endpoint& who) const noexcept;
  /// In the order in which they were given.
  const std::vector<address_rule>& rules() const noexcept;

  friend bool operator==(const address_list& left, const address_list& right) {
    return left.rules() == right.rules();
  }

private:
  struct content;

  std::shared_ptr<const content> content_; // null: no rules
};

/// The rules, with ", " between them.
std::string to_string(const address_list& what);

} // namespace actornet::net
