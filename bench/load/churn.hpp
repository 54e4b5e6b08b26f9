// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "result.hpp"
#include "schedule.hpp"
#include "server.hpp"

#include <cstddef>

namespace load {

struct churn_options {
  server peer;
  schedule_options time;
  std::size_t connections = 64; // at a time
  std::size_t size_bytes = 64;  // of the one exchange, at most pattern::piece_bytes_max
};

/// Connects, has one message echoed, finishes, waits for the server to close, and begins anew. A
/// message is such a connection, its latency runs from before connecting until the server has
/// closed. Every byte that comes back is compared. A connection that breaks, returns a wrong or
/// surplus byte, or is not closed by the server, is an error, and no other follows it.
/// Polls without ever sleeping. Throws std::system_error when it cannot connect.
result run_churn(const churn_options& options);

} // namespace load
