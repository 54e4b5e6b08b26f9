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

/// Keeps all threads of a server, which must be a process, from running while this lives. What
/// clients do in the meantime waits in the kernel. Throws std::runtime_error when they do not stand
/// still within 5 seconds.
class halt {
public:
  explicit halt(const server& peer);
  ~halt();

  halt(const halt&) = delete;
  halt& operator=(const halt&) = delete;

private:
  const pid_t pid_;
};

} // namespace load
