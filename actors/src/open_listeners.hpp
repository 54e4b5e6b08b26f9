// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/address.hpp>
#include <actornet/net/io_backend.hpp>

#include <vector>

namespace actornet {

/// The sockets that one listener listens on: one, or for `localhost` both loopback addresses (RFC
/// 6761: that name needs no resolver), on the same port.
using opened_listeners = std::vector<net::opened_listener>;

/// True: `open_listeners` can do without a resolver.
bool needs_no_resolver(const net::address& where);

/// Any thread. `*` means any address of both families; where there is no IPv6 that is 0.0.0.0.
net::expected<opened_listeners> open_listeners(net::io_backend& backend, const net::address& where,
                                               const net::listen_options& chosen);

} // namespace actornet
