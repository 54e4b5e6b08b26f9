// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "waiting_thread.hpp"

#include <functional>

namespace console {

/// SIGINT and SIGTERM: the first is told, the second ends the process with status 128 + signal.
class signal_watch {
public:
  /// Before any other thread is started, so that no signal finds a thread that would take it.
  static void block();

  /// `on_first` is called on the watch's thread.
  explicit signal_watch(std::function<void()> on_first);

private:
  waiting_thread thread_;
};

} // namespace console
