// SPDX-License-Identifier: BSD-3-Clause
#include "waiting_thread.hpp"

#include <utility>

namespace console {

waiting_thread::waiting_thread(std::function<void()> body)
    : thread_([run = std::move(body)] {
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
        run();
      }) {}

waiting_thread::~waiting_thread() {
  pthread_cancel(thread_.native_handle());
  thread_.join();
}

} // namespace console
