// SPDX-License-Identifier: BSD-3-Clause
#include "clock.hpp"

#include <cerrno>
#include <system_error>

namespace load {

std::uint64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0)
    throw std::system_error(errno, std::generic_category(), "clock_gettime");
  return to_ns(time);
}

} // namespace load
