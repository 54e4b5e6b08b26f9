// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

namespace actornet::test {

/// What sendmmsg(2) was asked for, and what the kernel is to seem to answer. Nothing but what is
/// planned is changed; the plan ends with this object. One at a time, for loops on this thread.
class planned_sends {
public:
  planned_sends();
  ~planned_sends();
  planned_sends(const planned_sends&) = delete;
  planned_sends& operator=(const planned_sends&) = delete;

  /// An errno for the next call; 0: as the kernel does.
  void next(int number);
  /// The next call takes only so many messages.
  void next_takes(std::size_t messages);
  /// From now on an errno for every message that is a run (UDP_SEGMENT) of datagrams of so many
  /// bytes or more; 0: no more.
  void refuse_runs(int number, std::size_t bytes = 0);

  struct call {
    std::size_t messages = 0;
    std::size_t runs = 0; // of them
  };
  std::vector<call> calls;
};

} // namespace actornet::test
