// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "server.hpp"

#include <cstddef>
#include <cstdint>

namespace load {

struct idle_options {
  server peer;
  std::size_t connections = 10000;
  std::size_t size_bytes = 64; // of an exchange, at most pattern::piece_bytes_max
};

struct idle_result {
  std::uint64_t first_bytes = 0; // resident memory of the server with one connection, already used
  std::uint64_t open_bytes = 0;  // with all others open and unused
  std::uint64_t used_bytes = 0;  // after one exchange on each
};

/// Opens the connections, has one message echoed on each, one after the other, and asks for the
/// memory of the server in between. Every byte that comes back is compared. Throws
/// std::runtime_error when a connection breaks, returns a wrong or surplus byte, or does not answer
/// for 5 seconds.
idle_result run_idle(const idle_options& options);

} // namespace load
