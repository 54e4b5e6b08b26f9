// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/listen_socket.hpp>

namespace actornet::net {

class kernel_backend;

// accept(2) for the kernel backends, and what their listeners tell of it.

enum class accept_outcome : std::uint8_t {
  held,                  ///< it accepts singly, and for now may not
  went_on,               ///< a client less waits: it was told, shed, or had given up
  none_left,             ///< nobody waits any more
  none_left_and_starved, ///< the same, but for the next one there would be no descriptor
};

/// Accepts a client and tells so. Without a descriptor for it, the client is shed in place of the
/// backend's spare one; that fails (EMFILE, ENFILE) when the spare one is lost to another thread.
/// It is taken back as soon as there is one. A failure is not told. The listener may be closed
/// when this returns.
/// `singly`: only if `listen_events::may_accept` says so.
expected<accept_outcome> accept_one(kernel_backend& home, const opened_listener& from,
                                    listen_events& events, bool singly);

/// `remote` as accept(2) or getpeername(2) said: tells, unless the client has given up already.
/// False: it has.
bool tell_accepted(kernel_backend& home, const opened_listener& from, descriptor socket,
                   expected<endpoint> remote, listen_events& events);

/// What accept(2) says when the process (EMFILE) or the system (ENFILE) has no descriptor left.
bool is_want_of_descriptors(int number) noexcept;

} // namespace actornet::net
