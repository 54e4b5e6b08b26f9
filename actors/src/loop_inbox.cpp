// SPDX-License-Identifier: BSD-3-Clause
#include "loop_inbox.hpp"

#include <iterator>

namespace actornet {

void loop_inbox::put(work what) {
  {
    std::lock_guard guard(mutex_);
    if (backend_ != nullptr) {
      items_.push_back(std::move(what));
      has_items_ = true;
      // Rings under the lock: `close` must not let the backend go in between.
      if (waiting_.exchange(false))
        backend_->wake();
      return;
    }
  }
  discard(std::move(what));
}

void loop_inbox::take(std::vector<work>& into) {
  waiting_.store(false, std::memory_order_relaxed);
  if (!has_items_)
    return;
  std::lock_guard guard(mutex_);
  has_items_ = false;
  if (into.empty())
    into.swap(items_);
  else
    into.insert(into.end(), std::make_move_iterator(items_.begin()),
                std::make_move_iterator(items_.end()));
  items_.clear();
}

bool loop_inbox::begin_wait() {
  waiting_ = true;
  if (!has_items_)
    return true;
  waiting_ = false;
  return false;
}

void loop_inbox::close() {
  std::vector<work> left;
  {
    std::lock_guard guard(mutex_);
    backend_ = nullptr;
    left.swap(items_);
  }
  for (auto& each : left)
    discard(std::move(each));
}

} // namespace actornet
