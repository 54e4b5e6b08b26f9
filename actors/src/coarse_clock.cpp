// SPDX-License-Identifier: BSD-3-Clause
#include "coarse_clock.hpp"

#include <ctime>

namespace actornet {

namespace {

using span = coarse_clock::span;

span to_span(const timespec& time) noexcept {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

span coarse_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return to_span(time);
}

} // namespace

coarse_clock coarse_clock::of_kernel() {
  timespec tick{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
  return {coarse_now, to_span(tick)};
}

} // namespace actornet
