// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_end.hpp"

#include "interfaces.hpp"
#include "kernel.hpp"
#include "wire_address.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace actornet::net::simulation {

namespace {

// What the kernel counts for a datagram besides its bytes.
constexpr std::size_t overhead_bytes = 512;
// socket(7): SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF.
constexpr std::size_t receive_buffer_bytes_min = 2304;
constexpr std::size_t send_buffer_bytes_min = 4608;

bool is_in(const std::optional<int>& value, int least) noexcept {
  return !value || (*value >= least && *value <= 255);
}

} // namespace

datagram_end::datagram_end(kernel& home, const void* host, const datagram_options& chosen)
    : home_(home), host_(host), chosen_(chosen), multicast_index_(network_index),
      local_(chosen.family == address_family::ipv6 ? endpoint::any_ipv6(0) : endpoint::any_ipv4(0)),
      send_buffer_bytes_(home.chosen().datagram_buffer_bytes),
      receive_buffer_bytes_(home.chosen().datagram_buffer_bytes) {}

void datagram_end::changed() {
  if (watcher_ != nullptr)
    watcher_->on_change();
}

// -- addresses ------------------------------------------------------------------------------------

bool datagram_end::carries(const endpoint& wire) const noexcept {
  if (wire.family() == chosen_.family)
    return true;
  return wire.family() == address_family::ipv4 && chosen_.family == address_family::ipv6 &&
         !chosen_.ipv6_only;
}

int datagram_end::bind(const endpoint& where) {
  if (local_.port() != 0)
    return EINVAL;
  auto before = std::exchange(local_, where);
  int number = home_.datagrams().add(shared_from_this(), local_);
  if (number != 0)
    local_ = std::move(before);
  return number;
}

int datagram_end::connect(const endpoint& wire) {
  if (!carries(wire))
    return ENETUNREACH;
  if (int number = home_.faults().send_failure(wire); number != 0)
    return number;
  if (!is_connected())
    bound_ = local_;
  if (local_.port() == 0)
    if (int number = bind(local_); number != 0)
      return number;
  if (local_.is_wildcard())
    local_ = as_seen_by(chosen_.family, own_address(wire)).with_port(local_.port());
  remote_ = wire;
  return 0;
}

void datagram_end::disconnect() {
  local_ = bound_.with_port(local_.port());
  remote_ = {};
}

// -- sending --------------------------------------------------------------------------------------

int datagram_end::send(chunk bytes, const endpoint& wire, const endpoint& source) {
  if (wire.port() == 0)
    return EINVAL;
  if (source.family() != address_family::none &&
      (source.family() != wire.family() || !is_own_address(source)))
    return EINVAL;
  if (!carries(wire))
    return ENETUNREACH;
  if (local_.port() == 0)
    if (int number = bind(local_); number != 0)
      return number;
  return home_.datagrams().send(*this, wire, std::move(bytes), source);
}

void datagram_end::arrive_error(int number) {
  if (closed_ || !is_connected())
    return;
  error_ = number;
  changed();
}

int datagram_end::take_error() noexcept { return std::exchange(error_, 0); }

// -- receiving ------------------------------------------------------------------------------------

void datagram_end::arrive(wire_datagram what) {
  if (closed_)
    return;
  if (waiting_bytes_ >= receive_buffer_bytes_) {
    ++drops_;
    return home_.note("dropped " + std::to_string(what.bytes.size()) + " at " + to_string(local_));
  }
  waiting_bytes_ += what.bytes.size() + overhead_bytes;
  what.arrived = home_.time().now();
  waiting_.push_back(std::move(what));
  changed();
}

wire_datagram datagram_end::take() {
  auto taken = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= taken.bytes.size() + overhead_bytes;
  return taken;
}

// -- groups ---------------------------------------------------------------------------------------

bool datagram_end::is_member(const wire_datagram& what) const {
  return std::any_of(members_.begin(), members_.end(), [&](const member& each) {
    return each.group == what.to.with_port(0) &&
           each.interface == static_cast<int>(what.interface) &&
           (each.source.family() == address_family::none || each.source == what.from.with_port(0));
  });
}

int datagram_end::change(const group_membership& what, bool joining) {
  member which{what.group.unmapped().with_port(0), 0, what.source.unmapped().with_port(0)};
  if (!which.group.is_multicast() || !carries(which.group))
    return EINVAL;
  if (which.source.family() != address_family::none &&
      which.source.family() != which.group.family())
    return EINVAL;
  if (what.interface.how() != interface_choice::kind::all) {
    which.interface = index_of(what.interface, ENODEV);
    if (which.interface == 0)
      which.interface = static_cast<int>(network_index);
    return which.interface < 0 ? -which.interface : change_on(which, joining);
  }
  int trouble = ENODEV;
  bool done_somewhere = false;
  for (int index : all_indices()) {
    which.interface = index;
    trouble = change_on(which, joining);
    done_somewhere = done_somewhere || trouble == 0;
  }
  return done_somewhere ? 0 : trouble;
}

int datagram_end::change_on(const member& which, bool joining) {
  auto found = std::find(members_.begin(), members_.end(), which);
  const bool is_joined = found != members_.end();
  const bool has_source = which.source.family() != address_family::none;
  if (joining == is_joined)
    return joining && !has_source ? EADDRINUSE : EADDRNOTAVAIL;
  if (is_joined) {
    members_.erase(found);
    return 0;
  }
  // ip(7): a group is heard from everybody or from the sources that were named, not both.
  for (const auto& each : members_)
    if (each.group == which.group && each.interface == which.interface &&
        each.source.family() != which.source.family())
      return has_source ? EINVAL : EADDRINUSE;
  members_.push_back(which);
  return 0;
}

// -- settings -------------------------------------------------------------------------------------

int datagram_end::set(const datagram_settings& chosen) {
  if (!is_in(chosen.ttl, 1) || !is_in(chosen.multicast_ttl, 0))
    return EINVAL;
  if (chosen.multicast_interface) {
    int index = index_of(*chosen.multicast_interface, EADDRNOTAVAIL);
    if (index < 0)
      return -index;
    multicast_index_ = index == 0 ? network_index : static_cast<std::uint32_t>(index);
  }
  auto take = [](auto& ours, const auto& theirs) {
    if (theirs)
      ours = theirs;
  };
  take(settings_.ttl, chosen.ttl);
  take(settings_.broadcast, chosen.broadcast);
  take(settings_.multicast_ttl, chosen.multicast_ttl);
  take(settings_.multicast_loopback, chosen.multicast_loopback);
  take(settings_.multicast_interface, chosen.multicast_interface);
  take(settings_.type_of_service, chosen.type_of_service);
  set_buffers(chosen);
  settings_.raw.insert(settings_.raw.end(), chosen.raw.begin(), chosen.raw.end());
  return 0;
}

void datagram_end::set_buffers(const datagram_settings& chosen) noexcept {
  if (chosen.send_buffer_bytes)
    send_buffer_bytes_ = std::max(send_buffer_bytes_min, 2 * *chosen.send_buffer_bytes);
  if (chosen.receive_buffer_bytes)
    receive_buffer_bytes_ = std::max(receive_buffer_bytes_min, 2 * *chosen.receive_buffer_bytes);
}

void datagram_end::close() {
  if (std::exchange(closed_, true))
    return;
  watcher_ = nullptr;
  waiting_.clear();
  home_.datagrams().remove(*this);
}

} // namespace actornet::net::simulation
