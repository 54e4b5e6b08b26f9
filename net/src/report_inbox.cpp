// SPDX-License-Identifier: BSD-3-Clause
#include "report_inbox.hpp"

#include <utility>

namespace actornet::net {

void report_inbox::put(std::shared_ptr<report> what) {
  {
    std::lock_guard guard(mutex_);
    if (closed_)
      return;
    arrived_.push_back(std::move(what));
    if (some_arrived_.exchange(true, std::memory_order_release))
      return;
  }
  bell_->ring();
}

std::size_t report_inbox::deliver() {
  if (!some_arrived_.load(std::memory_order_acquire))
    return 0;
  std::vector<std::shared_ptr<report>> now;
  {
    std::lock_guard guard(mutex_);
    some_arrived_.store(false, std::memory_order_relaxed);
    now.swap(arrived_);
  }
  for (auto& each : now)
    each->tell();
  return now.size();
}

void report_inbox::close() {
  std::vector<std::shared_ptr<report>> left;
  std::lock_guard guard(mutex_);
  closed_ = true;
  left.swap(arrived_);
}

} // namespace actornet::net
