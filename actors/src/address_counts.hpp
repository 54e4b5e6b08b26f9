// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/messages.hpp>

#include <actornet/net/endpoint.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace actornet {

/// How many connections there are from each IP address, and from each network. Any thread.
///
/// In parts, each with a lock, so that hardly anybody waits for another. An address that has no
/// connections takes no room.
class address_counts {
public:
  /// IPv4 is mapped into IPv6.
  using key = net::endpoint::ipv6_bytes;

  address_counts(unsigned prefix_bits_ipv4, unsigned prefix_bits_ipv6) noexcept
      : prefix_bits_ipv4_(prefix_bits_ipv4), prefix_bits_ipv6_(prefix_bits_ipv6) {}

  /// None for unix sockets, which are not counted.
  static std::optional<key> key_of(const net::endpoint& who) noexcept;

  struct limits {
    std::uint64_t per_address;
    std::uint64_t per_prefix;
  };

  /// Counts one more from `who`, or says why not. `rest` has its say while the counts are held: so
  /// who is refused for his address takes nothing from others, not even for a moment.
  template <class Rest>
  std::optional<drop_reason> take(const key& who, const limits& most, const Rest& rest) {
    auto network = prefix_of(who);
    auto& one = addresses_.part_of(who);
    auto& many = networks_.part_of(network);
    std::lock_guard address_lock(one.mutex);
    std::lock_guard network_lock(many.mutex); // always the second: nobody waits for both at once
    if (one.count(who) >= most.per_address)
      return drop_reason::max_per_address;
    if (many.count(network) >= most.per_prefix)
      return drop_reason::max_per_prefix;
    if (auto why = rest())
      return why;
    if (++one.counts[who] == 1)
      distinct_.fetch_add(1, std::memory_order_relaxed);
    ++many.counts[network];
    return std::nullopt;
  }
  void give_back(const key& who);

  address_use use_of(const key& who);
  std::uint64_t distinct() const noexcept { return distinct_.load(std::memory_order_relaxed); }

private:
  struct hash {
    std::size_t operator()(const key& what) const noexcept;
  };
  struct part {
    std::mutex mutex;
    // Guarded by mutex.
    std::unordered_map<key, std::uint64_t, hash> counts;

    std::uint64_t count(const key& who) const {
      auto found = counts.find(who);
      return found == counts.end() ? 0 : found->second;
    }
    bool drop_one(const key& who);
  };
  class table {
  public:
    part& part_of(const key& who) noexcept { return parts_[hash()(who) / 64 % parts_.size()]; }

  private:
    std::array<part, 32> parts_;
  };

  key prefix_of(const key& who) const noexcept;

  const unsigned prefix_bits_ipv4_;
  const unsigned prefix_bits_ipv6_;
  table addresses_;
  table networks_;
  std::atomic<std::uint64_t> distinct_{0};
};

} // namespace actornet
