// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "work.hpp"

#include <actornet/net/io_backend.hpp>

#include <atomic>
#include <mutex>
#include <vector>

namespace actornet {

/// How other threads give work to a loop. Outlives the loop as long as somebody refers to it (the
/// last chunk of a connection may die long after); what comes then is discarded.
///
/// A burst of work wakes the loop once: only who finds it waiting rings.
class loop_inbox {
public:
  explicit loop_inbox(net::io_backend& backend) : backend_(&backend) {}

  /// Any thread.
  void put(work what);

  /// Loop's thread.
  bool has_items() const noexcept { return has_items_; }
  /// Loop's thread: moves everything to the end of `into`.
  void take(std::vector<work>& into);
  /// Loop's thread, before it waits. False: there is something, do not wait. True: whoever puts
  /// something from now on wakes the backend.
  bool begin_wait();
  /// Loop's thread: it is awake again, nobody need ring before the next `begin_wait`. Called when
  /// the loop is told something, since the backend tells from within the wait; cheap to repeat.
  void end_wait() noexcept {
    if (waiting_.load(std::memory_order_relaxed))
      waiting_.store(false, std::memory_order_relaxed);
  }
  /// Loop's thread: whatever comes from now on is discarded.
  void close();

private:
  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<work> items_;
  net::io_backend* backend_;
  // So that a turn to which nobody gave work needs no lock. Each side says what it does before it
  // looks at what the other has said: one of them sees the other (hence in sequence).
  std::atomic<bool> has_items_{false};
  std::atomic<bool> waiting_{false};
};

} // namespace actornet
