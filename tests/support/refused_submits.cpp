// SPDX-License-Identifier: BSD-3-Clause
#include "support/refused_submits.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cerrno>

// Method: a function of the program comes before that of the same name in a shared library, here
// liburing. So it stands between the backend and the library, and asks the latter if it is not to
// refuse. (The library's header, which it must agree with, is not included: it changes.)

namespace actornet::test {

namespace {

std::atomic<int> refusals{0}; // loops on several threads look at it

} // namespace

void refuse_submits(int times) noexcept { refusals = times; }

int refusals_left() noexcept { return refusals; }

} // namespace actornet::test

extern "C" int io_uring_submit_and_get_events(void* ring) {
  using function = int (*)(void*);
  static const auto of_library =
      reinterpret_cast<function>(::dlsym(RTLD_NEXT, "io_uring_submit_and_get_events"));
  if (actornet::test::refusals > 0) {
    --actornet::test::refusals;
    return -EAGAIN;
  }
  return of_library(ring);
}
