// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/fwd.hpp>

namespace actornet {

/// Lets the system send our messages to other nodes, and print them.
void make_messages_known(caf::actor_system_config& cfg);

} // namespace actornet
