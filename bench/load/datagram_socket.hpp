// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "socket.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

/// A non-blocking socket of UDP that is connected to 127.0.0.1:`port`, with receive buffers as
/// large as the system allows. Throws std::system_error.
unique_fd connect_datagrams(std::uint16_t port);

/// What waits in the receive buffer of the socket that is bound to 127.0.0.1:`port`, in bytes, as
/// the kernel accounts for it; and what it holds. Throws std::runtime_error when there is none.
struct backlog {
  std::uint64_t waiting_bytes = 0;
  std::uint64_t dropped_datagrams = 0; // since it was made
};
backlog backlog_of(std::uint16_t port);

} // namespace load
