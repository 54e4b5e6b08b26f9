// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/datagram_socket.hpp>

namespace actornet::net {

// The system calls on datagram sockets that the kernel backends share, with our errors. All
// descriptors that come out of here are non-blocking and close-on-exec.

expected<opened_datagram> open_kernel_datagram(const datagram_options& chosen);
/// Left alone on failure, but for options that were set until then.
expected<opened_datagram> adopt_kernel_datagram(int number, const datagram_options& chosen);

/// Stops at the first that the kernel refuses.
expected<void> set_datagram(int number, address_family family, const datagram_settings& chosen);

expected<void> bind_datagram(int number, const endpoint& where);
/// `remote` as a socket of `family` can reach it: IPv4 through IPv6 as `::ffff:a.b.c.d`.
endpoint reachable_from(address_family family, const endpoint& remote);
/// What the kernel dropped because the receive buffer was full (SO_MEMINFO).
std::uint32_t dropped_datagrams(int number) noexcept;

} // namespace actornet::net
