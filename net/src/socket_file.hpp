// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace actornet::net {

/// Removes the file of a unix socket whose process ended without doing so: no socket is bound to it
/// any more, which connect(2) tells. Whoever has bound the path, listening or not, is not bothered.
/// False: `path` means something else, and stays.
bool remove_stale_socket_file(const std::string& path);

} // namespace actornet::net
