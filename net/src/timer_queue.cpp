// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/timer_queue.hpp>

#include <algorithm>
#include <cassert>

namespace actornet::net {

namespace {

constexpr std::size_t children = 4;

std::size_t parent_of(std::size_t position) noexcept { return (position - 1) / children; }
std::size_t first_child_of(std::size_t position) noexcept { return position * children + 1; }

} // namespace

timer::~timer() {
  if (queue_)
    queue_->disarm(*this);
}

timer_queue::~timer_queue() {
  for (const auto& filed : heap_)
    filed.what->queue_ = nullptr;
}

void timer_queue::arm(timer& what, instant deadline) {
  assert(!what.queue_ || what.queue_ == this);
  const bool is_new = !what.queue_;
  if (is_new) {
    heap_.emplace_back();
    what.queue_ = this;
    what.position_ = heap_.size() - 1;
  }
  // What is armed from within `advance` thereby sorts behind all that it has yet to call.
  what.deadline_ = std::max(deadline, now_);
  what.sequence_ = ++sequence_;
  if (is_new || what.deadline_ < heap_[what.position_].at)
    sift_up(what.position_, entry_of(what));
}

void timer_queue::disarm(timer& what) noexcept {
  if (!what.queue_)
    return;
  assert(what.queue_ == this);
  what.queue_ = nullptr;
  const auto hole = what.position_;
  const auto last = heap_.back();
  heap_.pop_back();
  if (hole == heap_.size())
    return;
  if (hole > 0 && last < heap_[parent_of(hole)])
    sift_up(hole, last);
  else
    sift_down(hole, last);
}

std::optional<instant> timer_queue::next() const noexcept {
  if (heap_.empty())
    return std::nullopt;
  return heap_.front().at;
}

std::size_t timer_queue::advance(instant now) {
  now_ = std::max(now_, now);
  const auto last = sequence_;
  std::size_t called = 0;
  while (!heap_.empty() && heap_.front().at <= now && heap_.front().sequence <= last) {
    auto& due = *heap_.front().what;
    if (heap_.front().sequence != due.sequence_) {
      sift_down(0, entry_of(due)); // armed again since it was filed
      continue;
    }
    disarm(due);
    ++called;
    due.on_timer();
  }
  return called;
}

timer_queue::entry timer_queue::entry_of(timer& what) noexcept {
  return {what.deadline_, what.sequence_, &what};
}

void timer_queue::put(std::size_t position, const entry& filed) noexcept {
  heap_[position] = filed;
  filed.what->position_ = position;
}

void timer_queue::sift_up(std::size_t position, const entry& filed) noexcept {
  while (position > 0 && filed < heap_[parent_of(position)]) {
    put(position, heap_[parent_of(position)]);
    position = parent_of(position);
  }
  put(position, filed);
}

void timer_queue::sift_down(std::size_t position, const entry& filed) noexcept {
  for (;;) {
    const auto first = heap_.begin() + static_cast<std::ptrdiff_t>(
                                           std::min(first_child_of(position), heap_.size()));
    const auto end = first + std::min<std::ptrdiff_t>(children, heap_.end() - first);
    const auto least = std::min_element(first, end);
    if (least == end || !(*least < filed))
      break;
    put(position, *least);
    position = static_cast<std::size_t>(least - heap_.begin());
  }
  put(position, filed);
}

} // namespace actornet::net
