// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/error.hpp>

#include <actornet/net/address.hpp>

namespace actornet {

/// What whoever asked for the addresses of `name` tells when their patience is over.
inline error no_answer_error(const net::address& name) {
  auto why = error::of(trouble::timed_out, "getaddrinfo", "");
  why.address = name.host;
  why.port = name.port;
  return why;
}

} // namespace actornet
