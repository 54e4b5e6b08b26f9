// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/block.hpp>

#include <cassert>

namespace actornet::net {

void block::charge(const receive_window_ptr& window) noexcept {
  assert(!window_);
  window_ = window.get();
  if (window_)
    window_->charge(capacity_);
}

void block::last_reference_gone() noexcept {
  auto* const window = std::exchange(window_, nullptr);
  const auto charged = capacity_;
  free_(this);
  if (window)
    window->release(charged);
}

} // namespace actornet::net
