// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <pthread.h>
#include <thread>

namespace console {

/// A thread that spends its life waiting in system calls, and that can be told to leave them: the
/// destructor ends it in its next `wait`, unwinds its stack and joins it.
class waiting_thread {
public:
  explicit waiting_thread(std::function<void()> body);
  waiting_thread(const waiting_thread&) = delete;
  waiting_thread& operator=(const waiting_thread&) = delete;
  ~waiting_thread();

  /// Only within `body`: calls a function that blocks in a cancellation point of POSIX, such as
  /// read(2) or sigwait(3). Nowhere else does the thread end early.
  template <class Function> static auto wait(Function call) {
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
    const auto result = call();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
    return result;
  }

private:
  std::thread thread_;
};

} // namespace console
