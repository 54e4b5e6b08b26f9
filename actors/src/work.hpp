// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <functional>
#include <variant>

namespace actornet {

class hosted_actor;

/// An actor that is hosted by the loop and has messages. Owns one reference to it.
struct run_actor {
  hosted_actor* who;
};

/// A message for an endpoint of the loop.
struct deliver {
  caf::strong_actor_ptr to;
  caf::mailbox_element_ptr what;
  /// Sent on the loop's own thread: what is sent there after it must not overtake it.
  bool is_local = false;
};

using task = std::function<void()>;

/// What a loop has to do, in the order in which it came.
using work = std::variant<run_actor, deliver, task>;

/// What becomes of work that no loop will do any more: requests are answered, references dropped.
void discard(work what);

} // namespace actornet
