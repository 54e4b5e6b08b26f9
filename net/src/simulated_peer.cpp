// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/simulated_peer.hpp>

#include "simulation/peer.hpp"

#include <cerrno>
#include <utility>

namespace actornet::net {

void simulated_peer::sends(std::string_view bytes) { self_->send(bytes); }
void simulated_peer::finishes() { self_->finish(); }
void simulated_peer::closes() { self_->close(); }
void simulated_peer::resets() { self_->reset(); }

void simulated_peer::stops_reading() { self_->read(0); }
void simulated_peer::reads() { self_->read(SIZE_MAX); }
void simulated_peer::reads_at_most(std::size_t bytes) { self_->read(bytes); }

bool simulated_peer::connected() const noexcept { return self_->connected(); }

bool simulated_peer::refused() const noexcept {
  return self_->end() != nullptr && self_->end()->refusal() == ECONNREFUSED;
}

std::optional<error> simulated_peer::connect_failure() const { return self_->connect_failure(); }
const std::string& simulated_peer::received() const noexcept { return self_->received(); }
std::string simulated_peer::takes() { return std::exchange(self_->received(), {}); }
bool simulated_peer::got_end() const noexcept { return self_->got_end(); }
bool simulated_peer::was_reset() const noexcept { return self_->was_reset(); }
std::size_t simulated_peer::unsent_bytes() const noexcept { return self_->unsent_bytes(); }

endpoint simulated_peer::local() const { return self_->end() ? self_->end()->local() : endpoint(); }

endpoint simulated_peer::remote() const {
  return self_->end() ? self_->end()->remote() : endpoint();
}

} // namespace actornet::net
