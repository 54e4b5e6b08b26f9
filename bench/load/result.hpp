// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "histogram.hpp"

#include <cstdint>
#include <string_view>

namespace load {

/// What a load has measured.
struct result {
  std::uint64_t messages = 0; // completed within `seconds`; what a message is, each load says
  std::uint64_t bytes = 0;    // of these
  std::uint64_t errors = 0;   // connections that failed, each told on stderr
  double seconds = 0;
  double server_cpu_seconds = 0; // spent by all threads of the server within `seconds`
  double load_cpu_seconds = 0;   // spent by this process within `seconds`
  double empty_polls = 0;        // share of polls that found nothing: near 0, the load is the limit
  histogram latency;

  /// Tells on stderr what went wrong with a connection, and counts it.
  void add_error(std::size_t connection, std::string_view why);
};

} // namespace load
