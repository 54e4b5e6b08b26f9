// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/address_rule.hpp>

#include "address_text.hpp"

#include <algorithm>
#include <utility>

namespace actornet::net {

namespace {

constexpr unsigned mapped_prefix_bits = 96;

bool is_ip(const endpoint& what) noexcept {
  return what.family() == address_family::ipv4 || what.family() == address_family::ipv6;
}

tl::unexpected<error> refuse(std::string sentence) {
  return fail(error::invalid(std::move(sentence)));
}

tl::unexpected<error> refuse_as_no_ip(const endpoint& what) {
  return refuse("only IPv4 and IPv6 addresses can be on a list, not " + quoted(to_string(what)));
}

// The bits of the byte at `index` that belong to a prefix of so many.
std::uint8_t mask_of(unsigned prefix_bits, unsigned index) noexcept {
  auto bits = prefix_bits > index * 8 ? std::min(prefix_bits - index * 8, 8u) : 0u;
  return static_cast<std::uint8_t>(0xff00u >> bits);
}

endpoint unmapped(const endpoint::ipv6_bytes& bytes, address_family family) {
  auto whole = endpoint::ipv6(bytes, 0);
  return family == address_family::ipv4 ? whole.unmapped() : whole;
}

} // namespace

endpoint::ipv6_bytes mapped_bytes(const endpoint& who) noexcept {
  const auto& bytes = who.bytes();
  if (who.family() != address_family::ipv4)
    return bytes;
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, bytes[0], bytes[1], bytes[2], bytes[3]};
}

expected<address_rule> address_rule::single(const endpoint& address) {
  if (!is_ip(address))
    return refuse_as_no_ip(address);
  auto bytes = mapped_bytes(address);
  return address_rule(form::single, address.family(), bytes, bytes, 0);
}

expected<address_rule> address_rule::range(const endpoint& first, const endpoint& last) {
  for (const auto* each : {&first, &last})
    if (!is_ip(*each))
      return refuse_as_no_ip(*each);
  if (first.family() != last.family())
    return refuse("a range is of one family, but " + first.address() + " and " + last.address() +
                  " are of two");
  auto low = mapped_bytes(first);
  auto high = mapped_bytes(last);
  if (low > high)
    return refuse("a range begins with its lowest address, but " + first.address() + " is behind " +
                  last.address());
  return address_rule(form::range, first.family(), low, high, 0);
}

expected<address_rule> address_rule::subnet(const endpoint& address, unsigned prefix_bits) {
  if (!is_ip(address))
    return refuse_as_no_ip(address);
  const bool is_ipv4 = address.family() == address_family::ipv4;
  if (unsigned most = is_ipv4 ? 32 : 128; prefix_bits > most)
    return refuse("the prefix of an " + std::string(to_string(address.family())) +
                  " subnet has at most " + std::to_string(most) + " bits, not " +
                  std::to_string(prefix_bits));
  auto low = mapped_bytes(address);
  auto high = low;
  for (unsigned i = 0; i < low.size(); ++i) {
    auto mask = mask_of(prefix_bits + (is_ipv4 ? mapped_prefix_bits : 0), i);
    low[i] = static_cast<std::uint8_t>(low[i] & mask);
    high[i] = static_cast<std::uint8_t>(high[i] | ~mask);
  }
  return address_rule(form::subnet, address.family(), low, high, prefix_bits);
}

expected<address_rule> address_rule::parse(std::string_view text) {
  if (auto slash = text.find('/'); slash != std::string_view::npos) {
    auto address = endpoint::parse_ip(text.substr(0, slash), 0);
    if (!address)
      return fail(address.error());
    auto bits = parse_decimal(text.substr(slash + 1), "prefix",
                              address->family() == address_family::ipv4 ? 32 : 128);
    if (!bits)
      return fail(bits.error());
    return subnet(*address, static_cast<unsigned>(*bits));
  }
  // First, because the name of a zone may have a '-' in it.
  auto whole = endpoint::parse_ip(text, 0);
  if (whole)
    return single(*whole);
  auto dash = text.find('-');
  if (dash == std::string_view::npos)
    return fail(whole.error());
  auto first = endpoint::parse_ip(text.substr(0, dash), 0);
  auto last = endpoint::parse_ip(text.substr(dash + 1), 0);
  if (!first || !last)
    return fail(!first ? first.error() : last.error());
  return range(*first, *last);
}

bool address_rule::contains(const endpoint& who) const noexcept {
  if (!is_ip(who))
    return false;
  auto bytes = mapped_bytes(who);
  return first_ <= bytes && bytes <= last_;
}

std::string to_string(const address_rule& rule) {
  auto first = unmapped(rule.first_, rule.family_).address();
  switch (rule.form_) {
  case address_rule::form::single:
    break;
  case address_rule::form::range:
    return first + "-" + unmapped(rule.last_, rule.family_).address();
  case address_rule::form::subnet:
    return first + "/" + std::to_string(rule.prefix_bits_);
  }
  return first;
}

} // namespace actornet::net
