// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>

namespace actornet {

/// A clock that is quick to read and moves in steps, for what is measured all the time and need not
/// be exact. A plain value, so that tests can bring their own.
struct coarse_clock {
  using span = std::chrono::nanoseconds;

  span (*now)();
  span tick;

  /// The kernel's: three times as fast as its exact one, with ticks of 1 to 10 ms.
  static coarse_clock of_kernel();
};

} // namespace actornet
