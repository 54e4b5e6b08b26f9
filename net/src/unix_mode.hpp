// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/listen_socket.hpp>

namespace actornet::net {

/// Whether `listen_options::unix_mode`, if there is one, makes sense for a listener on `where`.
inline expected<void> check_unix_mode(const endpoint& where, const listen_options& chosen) {
  if (!chosen.unix_mode)
    return {};
  if (!where.is_unix_path())
    return fail(error::invalid("unix_mode is for a unix socket with a path").at(where));
  if (*chosen.unix_mode > 0777)
    return fail(error::invalid("unix_mode has permission bits only, 0777 at most").at(where));
  return {};
}

} // namespace actornet::net
