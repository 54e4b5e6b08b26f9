// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "result.hpp"
#include "schedule.hpp"
#include "server.hpp"

#include <cstddef>
#include <cstdint>

namespace load {

struct datagram_sink_options {
  server peer;
  schedule_options time;
  std::size_t connections = 1;    // sockets
  std::size_t size_bytes = 64;    // of a datagram, 1 to 65000
  bool sends_runs_as_one = false; // UDP_SEGMENT
};

struct datagram_sink_result {
  result measured; // messages: datagrams that the kernel took, and did not drop at the server
  std::uint64_t sent_datagrams = 0;    // from the first to the last
  std::uint64_t dropped_datagrams = 0; // of these, at the server's socket
};

/// Sends as many datagrams as the server takes: at most 128 KiB, as the kernel accounts for them,
/// wait in its receive buffer when the next burst leaves, so that few are lost. At the end it waits
/// until the buffer is empty. The server has to count what was sent and not dropped. A server that
/// takes nothing for 5 seconds is an error.
/// Polls without ever sleeping. Throws std::system_error or std::runtime_error when it cannot
/// begin.
datagram_sink_result run_datagram_sink(const datagram_sink_options& options);

} // namespace load
