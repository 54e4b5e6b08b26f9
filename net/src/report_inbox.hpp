// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "wake_signal.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace actornet::net {

/// Something that another thread has done for a loop, and that the loop is to tell.
class report {
public:
  virtual ~report() = default;
  /// Loop's thread.
  virtual void tell() = 0;
};

/// Brings reports home to the loop that asked. Shared with the threads that report, so that what
/// comes after the loop is gone falls into the void. A burst of reports wakes the loop once.
class report_inbox {
public:
  explicit report_inbox(std::shared_ptr<wake_signal> bell) : bell_(std::move(bell)) {}

  /// Any thread.
  void put(std::shared_ptr<report> what);
  /// Loop's thread: tells those that have come; how many.
  std::size_t deliver();
  /// Loop's thread, at its end: nothing is kept any more.
  void close();

private:
  std::shared_ptr<wake_signal> bell_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<report>> arrived_; // guarded by mutex_
  bool closed_ = false;                          // guarded by mutex_
  // So that a turn without reports, as nearly all are, needs no lock.
  std::atomic<bool> some_arrived_{false};
};

} // namespace actornet::net
