// SPDX-License-Identifier: BSD-3-Clause
#include "schedule.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace actornet::net::simulation {

bool schedule::later(const entry& left, const entry& right) noexcept {
  return left.when != right.when ? left.when > right.when : left.number > right.number;
}

void schedule::at(instant when, action what) {
  heap_.push_back({std::max(when, now_), count_++, std::move(what)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<instant> schedule::next() const {
  if (heap_.empty())
    return std::nullopt;
  return heap_.front().when;
}

void schedule::advance_to(instant when) {
  assert(when >= now_);
  while (!heap_.empty() && heap_.front().when <= when) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    auto due = std::move(heap_.back());
    heap_.pop_back();
    now_ = due.when;
    due.what();
  }
  now_ = when;
}

} // namespace actornet::net::simulation
