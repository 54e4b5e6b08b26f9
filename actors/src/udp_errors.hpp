// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/error.hpp>

#include <cerrno>
#include <string_view>

namespace actornet {

// What commands to a UDP endpoint are told that come too late, or at the wrong time.

inline error udp_closed_error() {
  return error::of(trouble::not_connected, "", "there is no such endpoint any more");
}

inline error udp_cut_off_error() {
  return error::of(trouble::destroyed, "send", "the endpoint was closed before it could be sent");
}

inline error udp_not_bound_error() {
  return error::of(trouble::not_connected, "", "the endpoint is not bound yet");
}

inline error udp_not_connected_error(std::string_view syscall) {
  return error::system(ENOTCONN, syscall);
}

inline error udp_connected_error(std::string_view syscall) {
  return error::system(EISCONN, syscall);
}

inline error udp_queue_full_error() {
  return error::of(trouble::refused_by_limit, "send", "the send queue is full");
}

} // namespace actornet
