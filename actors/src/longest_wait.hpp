// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <chrono>

namespace actornet {

/// Who asks for more, waits for ever: no clock could count it.
constexpr std::chrono::milliseconds at_longest(std::chrono::milliseconds wait) noexcept {
  constexpr std::chrono::hours century{100 * 365 * 24};
  return std::min<std::chrono::milliseconds>(wait, century);
}

} // namespace actornet
