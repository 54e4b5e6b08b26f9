// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>
#include <actornet/net/interface_choice.hpp>

#include <vector>

namespace actornet::net {

/// The index of the interface that `what` means, 0 for the system's choice. ENODEV for a name or an
/// index that there is not; `unknown_address` for an address that no interface has; EINVAL for all.
expected<int> interface_index(const interface_choice& what, int unknown_address);

/// Each interface that is up and can do multicast, and the loopback.
expected<std::vector<int>> multicast_interfaces();

} // namespace actornet::net
