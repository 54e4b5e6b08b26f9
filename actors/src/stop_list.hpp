// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <vector>

namespace actornet {

/// Whom to stop when all is to stop: the connections of listeners are theirs.
struct stop_list {
  std::vector<listener> listeners;
  std::vector<connection> connections;
};

} // namespace actornet
