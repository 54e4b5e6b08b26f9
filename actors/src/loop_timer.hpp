// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/timer_queue.hpp>

#include <functional>
#include <utility>

namespace actornet {

/// A timer that calls a function, which may destroy the timer, for those who have several.
class loop_timer final : public net::timer {
public:
  explicit loop_timer(std::function<void()> then) : then_(std::move(then)) {}

private:
  void on_timer() override {
    auto then = then_; // which it may outlive
    then();
  }

  std::function<void()> then_;
};

} // namespace actornet
