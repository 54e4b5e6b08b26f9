// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <sys/types.h>

namespace load {

/// The server that a load is for.
struct server {
  std::uint16_t port = 0; // on 127.0.0.1
  pid_t pid = 0;          // 0: nobody's CPU time and memory are asked for
};

/// CPU time of all threads of the server; 0 without a process. Throws std::system_error.
std::uint64_t cpu_ns_of(const server& peer);

/// Memory of the server that is in RAM; 0 without a process. Throws std::runtime_error.
std::uint64_t resident_bytes_of(const server& peer);

} // namespace load
