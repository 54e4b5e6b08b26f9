// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/simulated_peer_listener.hpp>

#include "simulation/peer_listener.hpp"

namespace actornet::net {

endpoint simulated_peer_listener::local() const { return self_->end().local(); }
std::size_t simulated_peer_listener::waiting() const noexcept { return self_->waiting(); }
simulated_peer simulated_peer_listener::accepts() { return simulated_peer(self_->take()); }
void simulated_peer_listener::closes() { self_->close(); }

} // namespace actornet::net
