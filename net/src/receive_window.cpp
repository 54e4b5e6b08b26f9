// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/receive_window.hpp>

#include <actornet/net/receive_budget.hpp>

#include <algorithm>
#include <cassert>

namespace actornet::net {

receive_window::receive_window(std::size_t bytes_max, std::function<void()> on_room,
                               std::shared_ptr<receive_budget> budget)
    : max_(std::clamp<std::size_t>(bytes_max, 1, held_mask)), on_room_(std::move(on_room)),
      budget_(std::move(budget)) {}

void receive_window::charge(std::size_t bytes) noexcept {
  [[maybe_unused]] const auto before = state_.fetch_add(bytes, std::memory_order_relaxed);
  assert(bytes <= held_mask - held(before));
  if (budget_)
    budget_->charge(bytes);
}

void receive_window::release(std::size_t bytes) noexcept {
  if (budget_)
    budget_->release(bytes); // first: after the other this may be gone
  release_here(bytes);
}

void receive_window::release_here(std::size_t bytes) noexcept {
  auto state = state_.load(std::memory_order_relaxed);
  for (;;) {
    assert(held(state) >= bytes);
    auto next = state - bytes;
    const bool calls = (state & waiting) != 0 && state >= one_pointer && held(next) < max_;
    if (calls)
      next = (next & ~waiting) + one_pointer; // `on_room_` must outlive its call
    if (!state_.compare_exchange_weak(state, next, std::memory_order_acq_rel,
                                      std::memory_order_relaxed))
      continue;
    if (calls) {
      if (on_room_)
        on_room_();
      drop_pointer();
    } else if (is_garbage(next)) {
      delete this;
    }
    return;
  }
}

bool receive_window::look_for_room() noexcept {
  if (!has_room_here_or_wait())
    return false;
  if (!budget_ || budget_->has_room() || bytes_held() == 0)
    return true;
  state_.fetch_or(waiting, std::memory_order_acq_rel);
  waits_for_budget_ = true;
  budget_->wait(*this);
  // Who made room before that did not see us wait.
  if (!budget_->has_room() && bytes_held() > 0)
    return false;
  stop_waiting();
  return true;
}

bool receive_window::has_room_here_or_wait() noexcept {
  auto state = state_.load(std::memory_order_acquire);
  for (;;) {
    const bool room = held(state) < max_;
    const auto next = room ? state & ~waiting : state | waiting;
    if (next == state || state_.compare_exchange_weak(state, next, std::memory_order_acq_rel,
                                                      std::memory_order_acquire))
      return room;
  }
}

void receive_window::stop_waiting() noexcept {
  if (std::exchange(waits_for_budget_, false))
    budget_->stop_waiting(*this);
  if ((state_.load(std::memory_order_relaxed) & waiting) != 0)
    state_.fetch_and(~waiting, std::memory_order_acq_rel);
}

void receive_window::add_pointer() noexcept {
  [[maybe_unused]] const auto before = state_.fetch_add(one_pointer, std::memory_order_relaxed);
  assert(before + one_pointer > before);
}

void receive_window::drop_pointer() noexcept {
  const auto before = state_.fetch_sub(one_pointer, std::memory_order_acq_rel);
  if (is_garbage(before - one_pointer))
    delete this;
}

receive_window_ptr make_receive_window(std::size_t bytes_max, std::function<void()> on_room,
                                       std::shared_ptr<receive_budget> budget) {
  return receive_window_ptr(new receive_window(bytes_max, std::move(on_room), std::move(budget)));
}

} // namespace actornet::net
