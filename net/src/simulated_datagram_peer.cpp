// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/simulated_datagram_peer.hpp>

#include "membership_refusal.hpp"
#include "simulation/datagram_peer.hpp"
#include "simulation/wire_address.hpp"

#include <cerrno>
#include <utility>

namespace actornet::net {

namespace {

expected<void> answer(int number, std::string_view syscall, const endpoint& about) {
  if (number == 0)
    return {};
  return fail(error::system(number, syscall, about));
}

expected<void> changed(int number, const group_membership& what, membership_change how) {
  if (number == 0)
    return {};
  return fail(membership_refusal(number, what, how));
}

} // namespace

expected<void> simulated_datagram_peer::sends(const endpoint& destination, std::string_view bytes) {
  auto& end = self_->end();
  const bool is_none = destination.family() == address_family::none;
  if (is_none && !end.is_connected())
    return answer(EDESTADDRREQ, "send", destination);
  const auto wire = is_none ? end.remote() : simulation::on_the_wire(destination);
  return answer(end.send(chunk::copy_of(bytes), wire), "send", wire);
}

expected<void> simulated_datagram_peer::connects(const endpoint& remote) {
  return answer(self_->end().connect(simulation::on_the_wire(remote)), "connect", remote);
}

void simulated_datagram_peer::disconnects() { self_->end().disconnect(); }

expected<void> simulated_datagram_peer::joins(const group_membership& what) {
  return changed(self_->end().join(what), what, membership_change::join);
}

expected<void> simulated_datagram_peer::leaves(const group_membership& what) {
  return changed(self_->end().leave(what), what, membership_change::leave);
}

expected<void> simulated_datagram_peer::sets(const datagram_settings& chosen) {
  return answer(self_->end().set(chosen), "setsockopt", {});
}

void simulated_datagram_peer::closes() { self_->end().close(); }

endpoint simulated_datagram_peer::local() const { return self_->end().local(); }

const std::vector<simulated_datagram_peer::datagram>&
simulated_datagram_peer::received() const noexcept {
  return self_->received();
}

std::vector<simulated_datagram_peer::datagram> simulated_datagram_peer::takes() {
  return std::exchange(self_->received(), {});
}

const std::vector<int>& simulated_datagram_peer::errors() const noexcept { return self_->errors(); }

} // namespace actornet::net
