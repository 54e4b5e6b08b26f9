// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "result.hpp"
#include "schedule.hpp"
#include "server.hpp"

#include <cstddef>

namespace load {

struct fanout_options {
  server peer;
  schedule_options time;
  std::size_t connections = 100;
  std::size_t size_bytes = 64;
  std::size_t in_flight = 64; // messages that not all clients have
};

/// The server sends to all clients what one of them sends. The first client sends; a message counts
/// once for each client that got it whole, its latency runs from handing it to send until that
/// client's last byte was received. When the slowest client has got one, the next one follows.
/// Every byte that each client receives is compared. A connection that breaks or receives a wrong
/// or surplus byte, and any that gets nothing for 5 seconds, is an error and ends the load.
/// Polls without ever sleeping. Throws std::runtime_error when it cannot begin.
result run_fanout(const fanout_options& options);

} // namespace load
