// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/udp_options.hpp>

namespace CLI { // NOLINT(readability-identifier-naming): as the library has it
class App;
}

namespace console {

/// What the options of `udp` say.
struct udp_arguments {
  actornet::udp_options options;
  bool echo = false;
};

/// `into` outlives the parsing.
void add_udp_options(CLI::App& app, udp_arguments& into);

} // namespace console
