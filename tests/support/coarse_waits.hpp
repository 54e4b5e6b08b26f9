// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace actornet::test {

/// While one lives, the kernel seems to be older than epoll_pwait2(2).
class coarse_waits {
public:
  coarse_waits() noexcept;
  ~coarse_waits();
  coarse_waits(const coarse_waits&) = delete;
  coarse_waits& operator=(const coarse_waits&) = delete;
};

} // namespace actornet::test
