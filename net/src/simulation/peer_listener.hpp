// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "listener_end.hpp"
#include "peer.hpp"

#include <deque>

namespace actornet::net::simulation {

/// What is behind a `simulated_peer_listener`.
class peer_listener final : public watcher {
public:
  peer_listener(kernel& home, listener_end_ptr end);

  const listener_end& end() const noexcept { return *end_; }
  std::size_t waiting() const noexcept { return accepted_.size(); }
  std::shared_ptr<peer> take();
  void close() { end_->close(); }

  void on_change() override;

private:
  kernel& home_;
  listener_end_ptr end_;
  std::deque<std::shared_ptr<peer>> accepted_;
};

} // namespace actornet::net::simulation
