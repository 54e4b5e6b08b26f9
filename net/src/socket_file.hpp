// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace actornet::net {

/// Removes the file of a unix socket whose process ended without doing so: a socket on which nobody
/// listens, which a connection shows. (Whoever does listen there is bothered by one that ends at
/// once.) False: `path` means something else, and stays.
///
/// Whoever has bound the path and does not listen yet looks the same.
bool remove_stale_socket_file(const std::string& path);

} // namespace actornet::net
