// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/receive_budget.hpp>

#include <actornet/net/receive_window.hpp>

#include <algorithm>

namespace actornet::net {

void receive_budget::release(std::size_t bytes) noexcept {
  const auto before = held_.fetch_sub(bytes, std::memory_order_acq_rel);
  if (before < max_ || before - bytes >= max_)
    return;
  // Windows only post when they are woken, and one that is there cannot go while the lock is held.
  std::lock_guard guard(mutex_);
  for (auto* each : waiting_)
    each->wake();
  waiting_.clear();
}

void receive_budget::wait(receive_window& who) {
  std::lock_guard guard(mutex_);
  if (std::find(waiting_.begin(), waiting_.end(), &who) == waiting_.end())
    waiting_.push_back(&who);
}

void receive_budget::stop_waiting(receive_window& who) noexcept {
  std::lock_guard guard(mutex_);
  std::erase(waiting_, &who);
}

} // namespace actornet::net
