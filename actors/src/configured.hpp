// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "io_loop.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <string>

namespace actornet {

/// What the options of an actor system say: <actornet/config.hpp> has them with their defaults.
struct configured {
  std::string backend;
  std::size_t loops = 0; // as many as there are to be
  loop_settings of_each;
};

/// Fails if a word means nothing.
net::expected<configured> read_options(const caf::actor_system_config& given);

} // namespace actornet
