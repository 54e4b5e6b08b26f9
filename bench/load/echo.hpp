// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "poller.hpp"
#include "result.hpp"
#include "schedule.hpp"
#include "server.hpp"

#include <cstddef>

namespace load {

struct echo_options {
  server peer;
  schedule_options time;
  std::size_t connections = 1;
  std::size_t size_bytes = 64;
  std::size_t in_flight = 1; // messages per connection
  waiting wait = waiting::polling;
};

/// Opens the connections, keeps `in_flight` messages on their way on each, compares every byte that
/// comes back with the one that was sent, and measures after the warm-up. Then sends nothing more
/// and waits until everything sent has come back. A message counts when it came back whole, its
/// latency runs from handing it to send until its last byte was received. A connection that breaks
/// or returns a wrong or surplus byte is an error, and the others go on; so is each that still owes
/// bytes when nothing at all has come back for 5 seconds.
/// Throws std::system_error when it cannot begin.
result run_echo(const echo_options& options);

} // namespace load
