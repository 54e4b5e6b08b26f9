// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/utsname.h>

#include <cstdio>

namespace actornet::test {

/// For what only newer kernels can do.
inline bool kernel_is_at_least(int major, int minor) {
  utsname about{};
  int has_major = 0;
  int has_minor = 0;
  if (::uname(&about) != 0 || std::sscanf(about.release, "%d.%d", &has_major, &has_minor) != 2)
    return false;
  return has_major != major ? has_major > major : has_minor >= minor;
}

} // namespace actornet::test
