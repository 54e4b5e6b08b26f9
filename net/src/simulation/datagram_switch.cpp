// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_switch.hpp"

#include "interfaces.hpp"
#include "kernel.hpp"
#include "wire_address.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace actornet::net::simulation {

namespace {

// RFC 6335, section 6: the dynamic ports.
constexpr std::uint16_t first_port = 49152;
constexpr std::uint16_t last_port = 65535;

// RFC 768 and 791: 65535 less the headers; IPv6 counts without its own.
std::size_t bytes_max(const endpoint& wire) noexcept {
  return wire.family() == address_family::ipv4 ? 65507 : 65527;
}

/// The limited broadcast, and those of the two interfaces' networks: 127.0.0.0/8, 192.0.2.0/24.
bool is_broadcast(const endpoint& wire) {
  if (wire.family() != address_family::ipv4)
    return false;
  const auto plain = wire.with_port(0);
  return plain == endpoint::ipv4({255, 255, 255, 255}, 0) ||
         plain == endpoint::ipv4({127, 255, 255, 255}, 0) ||
         plain == endpoint::ipv4({192, 0, 2, 255}, 0);
}

bool same_place(const endpoint& left, const endpoint& right) {
  return left.unmapped() == right.unmapped();
}

} // namespace

// -- binding --------------------------------------------------------------------------------------

bool datagram_switch::is_taken(const datagram_end& wanted, const endpoint& local) const {
  return std::any_of(bound_.begin(), bound_.end(), [&](const auto& each) {
    const bool may_share = (each->chosen().reuse_port && wanted.chosen().reuse_port) ||
                           (each->chosen().reuse_address && wanted.chosen().reuse_address);
    return !may_share &&
           overlap(each->local(), each->chosen().ipv6_only, local, wanted.chosen().ipv6_only);
  });
}

std::uint16_t datagram_switch::free_port(const datagram_end& wanted, const endpoint& local) {
  for (int tries = 0; tries <= last_port - first_port; ++tries) {
    auto port = next_port_;
    next_port_ = port == last_port ? first_port : static_cast<std::uint16_t>(port + 1);
    if (!is_taken(wanted, local.with_port(port)))
      return port;
  }
  return 0;
}

int datagram_switch::add(const datagram_end_ptr& end, endpoint& local) {
  if (int number = home_.faults().listen_failure(local); number != 0)
    return number;
  auto wanted = local.port() == 0 ? local.with_port(free_port(*end, local)) : local;
  if (wanted.port() == 0 || is_taken(*end, wanted))
    return EADDRINUSE;
  local = std::move(wanted);
  home_.note("binds " + to_string(local));
  bound_.push_back(end);
  return 0;
}

void datagram_switch::remove(const datagram_end& end) {
  std::erase_if(bound_, [&](const auto& each) { return each.get() == &end; });
}

// -- sending --------------------------------------------------------------------------------------

endpoint datagram_switch::sender(const datagram_end& from, const endpoint& source,
                                 std::uint32_t interface, address_family family) {
  const auto local = from.local().unmapped();
  if (source.family() != address_family::none)
    return source.with_port(local.port());
  return (local.is_wildcard() || local.is_multicast() ? address_on(interface, family) : local)
      .with_port(local.port());
}

int datagram_switch::send(datagram_end& from, const endpoint& wire, chunk bytes,
                          const endpoint& source) {
  if (bytes.size() > bytes_max(wire))
    return EMSGSIZE;
  if (is_broadcast(wire) && !from.settings().broadcast.value_or(false))
    return EACCES;
  if (int number = home_.faults().send_failure(wire); number != 0)
    return number;
  wire_datagram what{
      std::move(bytes), {}, wire, 0, from.settings().type_of_service.value_or(0), {}};
  what.interface = wire.is_multicast()  ? from.multicast_index()
                   : wire.is_loopback() ? loopback_index
                                        : network_index;
  what.from = sender(from, source, what.interface, wire.family());
  auto& dice = home_.dice();
  if (dice.chance(home_.chosen().datagram_loss_chance)) {
    home_.note("lost " + std::to_string(what.bytes.size()) + " to " + to_string(wire));
    return 0;
  }
  travel(from, what);
  if (dice.chance(home_.chosen().datagram_duplicate_chance))
    travel(from, what);
  return 0;
}

void datagram_switch::travel(datagram_end& from, const wire_datagram& what) {
  auto when = home_.time().now() + home_.latency();
  if (!home_.dice().chance(home_.chosen().datagram_reorder_chance))
    when = from.last_arrival = std::max(from.last_arrival, when);
  home_.note("sent " + std::to_string(what.bytes.size()) + " from " + to_string(what.from) +
             " to " + to_string(what.to));
  home_.time().at(when, [this, from = from.shared_from_this(), what] { arrive(from, what); });
}

// -- arriving -------------------------------------------------------------------------------------

void datagram_switch::arrive(const std::shared_ptr<datagram_end>& from, const wire_datagram& what) {
  if (what.to.is_multicast() || is_broadcast(what.to))
    return arrive_at_all(*from, what);
  if (auto found = find(what))
    return found->arrive(what);
  // RFC 1122, 3.2.2.1: port unreachable. It is told to who is connected to there.
  home_.note("nobody at " + to_string(what.to));
  home_.time().at(home_.time().now() + home_.latency(), [from, to = what.to] {
    if (from->remote() == to)
      from->arrive_error(ECONNREFUSED);
  });
}

void datagram_switch::arrive_at_all(const datagram_end& from, const wire_datagram& what) {
  const bool is_group = what.to.is_multicast();
  const bool stays_here = is_group && from.settings().multicast_ttl.value_or(1) == 0;
  const bool comes_back = !is_group || from.settings().multicast_loopback.value_or(true);
  for (const auto& each : std::vector<datagram_end_ptr>(bound_)) {
    const auto local = each->local().unmapped();
    const bool is_ours = each->host() == from.host();
    if (local.port() != what.to.port() || !each->carries(what.to) || (stays_here && !is_ours) ||
        (!comes_back && is_ours) || (!local.is_wildcard() && !same_place(local, what.to)) ||
        (is_group && !each->is_member(what)) ||
        (each->is_connected() && !same_place(each->remote(), what.from)))
      continue;
    each->arrive(what);
  }
}

// Who is connected to the sender comes first, then who is bound to the address, then who is bound
// to every address; of equals chance decides, or the last one (socket(7), SO_REUSEADDR).
datagram_end_ptr datagram_switch::find(const wire_datagram& what) {
  std::vector<datagram_end_ptr> best;
  int best_score = 0;
  for (const auto& each : bound_) {
    if (!covers(each->local(), each->chosen().ipv6_only, what.to) ||
        (each->is_connected() && !same_place(each->remote(), what.from)))
      continue;
    int score = 1 + (each->is_connected() ? 2 : 0) + (each->local().is_wildcard() ? 0 : 1);
    if (score > best_score)
      best.clear();
    if (score >= best_score) {
      best_score = score;
      best.push_back(each);
    }
  }
  if (best.empty())
    return nullptr;
  if (best.size() == 1 || !best.back()->chosen().reuse_port)
    return best.back();
  return best[home_.dice().between(0, best.size() - 1)];
}

} // namespace actornet::net::simulation
