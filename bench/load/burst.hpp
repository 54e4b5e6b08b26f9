// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "schedule.hpp"
#include "server.hpp"

#include <cstddef>
#include <cstdint>

namespace load {

struct burst_options {
  server peer; // with its process
  schedule_options time;
  std::size_t connections = 4000;
  std::size_t size_bytes = 64; // of a message, at most pattern::piece_bytes_max
};

struct burst_result {
  std::uint64_t messages = 0;
  std::uint64_t bursts = 0;      // that these came in
  double seconds = 0;            // that the server ran, of all bursts
  double server_cpu_seconds = 0; // spent by all threads of the server in the bursts
};

/// What a server does with all cores when clients need none of them. Halts the server, sends a
/// message on each connection, lets the server run, and sleeps until it has answered about
/// everything. A burst takes from there to the moment when the last byte of the last answer had
/// reached a client's socket, which the kernel has noted. This goes on for the seconds of the
/// warm-up, which do not count, and then for the others.
/// Every byte that comes back is compared. Throws std::runtime_error when a connection breaks,
/// returns a wrong or surplus byte, or does not answer for 5 seconds.
burst_result run_burst(const burst_options& options);

} // namespace load
