// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "datagram_end.hpp"

#include <actornet/net/simulated_datagram_peer.hpp>

namespace actornet::net::simulation {

/// What is behind a `simulated_datagram_peer`.
class datagram_peer final : public watcher {
public:
  datagram_peer(kernel& home, const datagram_options& chosen)
      : end_(std::make_shared<datagram_end>(home, this, chosen)) {
    end_->watch(this);
  }
  ~datagram_peer() { end_->watch(nullptr); }

  datagram_end& end() noexcept { return *end_; }
  std::vector<simulated_datagram_peer::datagram>& received() noexcept { return received_; }
  const std::vector<int>& errors() const noexcept { return errors_; }

  void on_change() override {
    if (int number = end_->take_error(); number != 0)
      errors_.push_back(number);
    while (end_->has_waiting()) {
      auto each = end_->take();
      received_.push_back({std::string(each.bytes.view()), each.from, each.to});
    }
  }

private:
  datagram_end_ptr end_;
  std::vector<simulated_datagram_peer::datagram> received_;
  std::vector<int> errors_;
};

} // namespace actornet::net::simulation
