// SPDX-License-Identifier: BSD-3-Clause
#include "address_counts.hpp"

#include <actornet/net/address_rule.hpp>

#include <algorithm>
#include <string_view>

namespace actornet {

namespace {

constexpr unsigned mapped_bits = 96; // what an IPv4 address has before it when it is mapped

bool is_mapped(const address_counts::key& who) noexcept {
  const auto zeros =
      std::all_of(who.begin(), who.begin() + 10, [](auto each) { return each == 0; });
  return zeros && who[10] == 0xff && who[11] == 0xff;
}

} // namespace

std::optional<address_counts::key> address_counts::key_of(const net::endpoint& who) noexcept {
  const auto family = who.family();
  if (family != net::address_family::ipv4 && family != net::address_family::ipv6)
    return std::nullopt;
  return net::mapped_bytes(who);
}

address_counts::key address_counts::prefix_of(const key& who) const noexcept {
  unsigned kept = is_mapped(who) ? mapped_bits + prefix_bits_ipv4_ : prefix_bits_ipv6_;
  key result{};
  for (std::size_t i = 0; i < who.size() && kept > 0; ++i) {
    const auto bits = std::min(kept, 8u);
    result[i] = static_cast<std::uint8_t>(who[i] & (0xff00u >> bits));
    kept -= bits;
  }
  return result;
}

std::size_t address_counts::hash::operator()(const key& what) const noexcept {
  return std::hash<std::string_view>()(
      std::string_view(reinterpret_cast<const char*>(what.data()), what.size()));
}

// True: that was the last.
bool address_counts::part::drop_one(const key& who) {
  std::lock_guard lock(mutex);
  auto found = counts.find(who);
  if (found == counts.end() || --found->second > 0)
    return false;
  counts.erase(found);
  return true;
}

void address_counts::give_back(const key& who) {
  if (addresses_.part_of(who).drop_one(who))
    distinct_.fetch_sub(1, std::memory_order_relaxed);
  auto network = prefix_of(who);
  networks_.part_of(network).drop_one(network);
}

address_use address_counts::use_of(const key& who) {
  address_use result;
  {
    auto& part = addresses_.part_of(who);
    std::lock_guard lock(part.mutex);
    result.from_address = part.count(who);
  }
  auto network = prefix_of(who);
  auto& part = networks_.part_of(network);
  std::lock_guard lock(part.mutex);
  result.from_prefix = part.count(network);
  return result;
}

} // namespace actornet
