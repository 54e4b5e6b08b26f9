// SPDX-License-Identifier: BSD-3-Clause
#include "signal_watch.hpp"

#include <csignal>
#include <unistd.h>
#include <utility>

namespace console {

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

int next_signal() {
  return waiting_thread::wait([set = watched()] {
    int number = 0;
    sigwait(&set, &number);
    return number;
  });
}

} // namespace

void signal_watch::block() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

signal_watch::signal_watch(std::function<void()> on_first)
    : thread_([tell = std::move(on_first)] {
        next_signal();
        tell();
        // Not through exit: that would wait for whatever does not end.
        ::_exit(128 + next_signal());
      }) {}

} // namespace console
