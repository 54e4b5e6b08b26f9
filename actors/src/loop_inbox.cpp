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
  end_wait();
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

// No wake-up is lost. Who puts something after this, and so does not ring, has said before that
// there are items; the next `begin_wait` says that we wait and looks at them after that, and it or
// the putter's look at `waiting_` comes second. Whoever rang before this has, at worst, ended
// the next wait, too. And the backend does not wait any more in a `poll` in which it has told
// something.
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
