// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "stop_list.hpp"

#include <actornet/messages.hpp>

#include <caf/actor.hpp>

#include <functional>

namespace actornet {

class io_loop;

/// Stops many at once, and waits until all are gone: each listener stops its own connections, those
/// of nobody wind down, and are destroyed or reset at the deadline.
class stop_round {
public:
  struct reporting {
    caf::actor from; ///< as whom
    caf::actor to;   ///< null: to nobody
  };

  /// Any thread; `done` is called on the loop of `home`, once. The system waits for it.
  static void begin(io_loop& home, stop_list whom, const stop& how, reporting progress,
                    std::function<void(stopped)> done);
};

} // namespace actornet
