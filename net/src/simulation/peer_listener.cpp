// SPDX-License-Identifier: BSD-3-Clause
#include "peer_listener.hpp"

#include "kernel.hpp"

#include <cassert>
#include <utility>

namespace actornet::net::simulation {

peer_listener::peer_listener(kernel& home, listener_end_ptr end)
    : home_(home), end_(std::move(end)) {
  end_->watch(this);
}

void peer_listener::on_change() {
  while (auto end = end_->take()) {
    auto made = std::make_shared<peer>(std::move(end));
    home_.keep(made);
    accepted_.push_back(std::move(made));
  }
}

std::shared_ptr<peer> peer_listener::take() {
  assert(!accepted_.empty());
  auto oldest = std::move(accepted_.front());
  accepted_.pop_front();
  return oldest;
}

} // namespace actornet::net::simulation
