// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "result.hpp"
#include "schedule.hpp"
#include "server.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace load {

struct sink_options {
  server peer;
  schedule_options time;
  std::size_t connections = 1;
  std::size_t size_bytes = 256 * 1024; // of one write, at most pattern::piece_bytes_max
  std::filesystem::path files = {};    // where the server writes what comes; empty: nowhere
};

struct sink_result {
  result measured;              // messages: writes that the kernel took a part of
  std::uint64_t sent_bytes = 0; // from the first to the last: what the server has to have counted
};

/// Sends as much as the server takes, on each connection, and measures after the warm-up; then
/// finishes each connection and waits until the server, having read everything, closes it. A server
/// which must then have files of what came, if it is to write them. A server
/// that answers, breaks a connection, or takes and closes nothing for 5 seconds, is an error.
/// Polls without ever sleeping. Throws std::system_error when it cannot begin.
sink_result run_sink(const sink_options& options);

} // namespace load
