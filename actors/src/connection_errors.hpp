// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/error.hpp>

namespace actornet {

// What commands are told that come too late, or are cut off.

inline error destroyed_error() {
  return error::of(trouble::destroyed, "write", "cut off by destroy");
}

inline error finished_error() {
  return error::of(trouble::finished, "write", "the connection has finished writing");
}

inline error not_connected_error() {
  return error::of(trouble::not_connected, "", "there is no such connection any more");
}

} // namespace actornet
