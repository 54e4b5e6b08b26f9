// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <vector>

namespace actornet {

/// In which order addresses are tried, RFC 8305 section 4: families alternate, beginning with that
/// of the first; within a family the resolver's order stays. `from`, if it is a family, leaves
/// those out that could not be reached from an address of it, unless none would be left.
std::vector<net::endpoint> connect_order(std::vector<net::endpoint> found,
                                         net::address_family from);

} // namespace actornet
