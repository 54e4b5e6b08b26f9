// SPDX-License-Identifier: BSD-3-Clause
#include "log_sink.hpp"

#include <cstdio>
#include <string>
#include <utility>

namespace actornet {

void log_sink::replace(std::function<void(std::string_view)> next) {
  std::lock_guard guard(mutex_);
  chosen_ = std::move(next);
}

void log_sink::line(std::string_view text) {
  std::lock_guard guard(mutex_);
  if (chosen_)
    return chosen_(text);
  std::string whole = "actornet: " + std::string(text) + '\n';
  std::fputs(whole.c_str(), stderr); // one call, so that lines of several threads do not mix
}

} // namespace actornet
