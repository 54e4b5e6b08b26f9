// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "histogram.hpp"

#include <cstddef>
#include <cstdint>
#include <sys/types.h>

namespace load {

struct echo_options {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::size_t size_bytes = 64;
  std::size_t in_flight = 1; // messages per connection
  double seconds = 2;
  double warmup_seconds = 0.3;
  pid_t server_pid = 0; // 0: nobody's CPU time is asked for
};

struct echo_result {
  std::uint64_t messages = 0; // that came back whole within `seconds`
  std::uint64_t errors = 0;   // connections that failed, each told on stderr
  double seconds = 0;
  double server_cpu_seconds = 0; // spent by all threads of server_pid within `seconds`
  double empty_polls = 0;        // share of polls that found nothing: near 0, the load is the limit
  histogram latency;             // from handing a message to send until its last byte was received
};

/// Opens the connections, keeps `in_flight` messages on their way on each, compares every byte that
/// comes back with the one that was sent, and measures for `seconds` after the warm-up. Then sends
/// nothing more and waits until everything sent has come back. A connection that breaks or returns
/// a wrong or surplus byte is an error, and the others go on; so is each that still owes bytes when
/// nothing at all has come back for 5 seconds.
/// Polls without ever sleeping, so it wants a core for itself and the server never pays for waking
/// it. Throws std::system_error when it cannot begin.
echo_result run_echo(const echo_options& options);

} // namespace load
