// SPDX-License-Identifier: BSD-3-Clause
#include "support/coarse_waits.hpp"

#include <dlfcn.h>
#include <sys/epoll.h>

#include <atomic>
#include <cerrno>

// Method: as in `planned_sends`, a function of the program comes before that of the C library.

namespace actornet::test {

namespace {

std::atomic<bool> waits_are_coarse{false}; // loops on several threads look at it

} // namespace

coarse_waits::coarse_waits() noexcept { waits_are_coarse = true; }
coarse_waits::~coarse_waits() { waits_are_coarse = false; }

} // namespace actornet::test

extern "C" int epoll_pwait2(int poller, epoll_event* events, int count, const timespec* timeout,
                            const sigset_t* signals) {
  if (actornet::test::waits_are_coarse) {
    errno = ENOSYS;
    return -1;
  }
  static const auto of_library =
      reinterpret_cast<decltype(&epoll_pwait2)>(::dlsym(RTLD_NEXT, "epoll_pwait2"));
  return of_library(poller, events, count, timeout, signals);
}
