// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <mutex>
#include <string_view>

namespace actornet {

/// Where the runtime's few lines for people go: standard error, unless somebody else wants them.
class log_sink {
public:
  /// Any thread. Lines are given to `next`, one at a time; null: standard error again.
  void replace(std::function<void(std::string_view)> next);
  /// Any thread.
  void line(std::string_view text);

private:
  std::mutex mutex_;
  std::function<void(std::string_view)> chosen_; // guarded by mutex_
};

} // namespace actornet
