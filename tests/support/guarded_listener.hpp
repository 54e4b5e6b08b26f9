// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "admission_gate.hpp"

#include <actornet/handles.hpp>

#include <actornet/net/instant.hpp>

#include <cstdint>
#include <memory>

namespace actornet::test {

/// A listener of a random program, and what is known of it.
struct guarded_listener {
  listener handle;
  std::uint16_t port = 0;
  std::shared_ptr<admission_gate> gate;
  std::int64_t own_limit = -1;
  std::int64_t own_limit_before = -1; // while it is being changed
  bool paused = false;
  bool fails = false;
  net::instant trouble_until{}; // then it accepts again
  std::uint64_t accepted = 0;   // as its owner was told
  std::uint64_t dropped = 0;
  bool full_is_told = false;
};

} // namespace actornet::test
