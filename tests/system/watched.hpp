// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace actornet::test {

/// A value that other threads change while a test waits for what it becomes.
template <class T> class watched {
public:
  template <class F> void change(F what) {
    std::lock_guard guard(mutex_);
    what(value_);
    changed_.notify_all(); // while it is locked: who waits may destroy this as soon as it is not
  }

  /// Waits until `condition` holds of the value, or not longer: then false.
  template <class F>
  bool becomes(F condition, std::chrono::seconds limit = std::chrono::seconds(30)) {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(guard, limit, [&] { return condition(std::as_const(value_)); });
  }

  /// A copy.
  T now() const {
    std::lock_guard guard(mutex_);
    return value_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

} // namespace actornet::test
