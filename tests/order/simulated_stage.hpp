// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "order/stage.hpp"

#include <actornet/net/simulated_network.hpp>

namespace actornet::test {

/// Virtual time, no threads and no sockets.
std::unique_ptr<stage> make_simulated_stage(const net::simulated_network::options& chosen);

} // namespace actornet::test
