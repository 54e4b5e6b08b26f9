// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>

namespace actornet::net {

/// The clock of a loop. It has no `now()`: time is told by the I/O backend, never asked of the
/// system, so that the same code runs on virtual time.
struct loop_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<loop_clock>;
  static constexpr bool is_steady = true;
};

using instant = loop_clock::time_point;
using duration = loop_clock::duration;

} // namespace actornet::net
