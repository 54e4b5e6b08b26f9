// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "result.hpp"
#include "schedule.hpp"
#include "server.hpp"

#include <cstddef>
#include <cstdint>

namespace load {

struct datagram_echo_options {
  server peer;
  schedule_options time;
  std::size_t connections = 1; // sockets
  std::size_t size_bytes = 64; // of a datagram, 16 to 65000
  std::size_t in_flight = 1;   // datagrams per socket
};

struct datagram_echo_result {
  result measured;
  std::uint64_t lost_datagrams = 0; // of all that were sent, warm-up included
  std::uint64_t sent_datagrams = 0;
};

/// Keeps `in_flight` datagrams on their way on each socket, and compares every byte that comes back
/// with the one that was sent. A datagram counts when its answer came, its latency runs from
/// handing it to the kernel until then. One that has not come back after 100 ms is counted as lost,
/// and another is sent in its place; an answer that comes still later is not looked at. A wrong or
/// surplus answer is an error, and so is it when nothing comes back for 5 seconds.
/// Polls without ever sleeping. Throws std::system_error when it cannot begin.
datagram_echo_result run_datagram_echo(const datagram_echo_options& options);

} // namespace load
