// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handler.hpp>
#include <actornet/options.hpp>

#include <caf/event_based_actor.hpp>

#include <memory>

namespace actornet {

class io_loop;

/// The actor that the runtime makes of a handler function, one per connection.
///
/// It stays where it was placed, whoever sends to it: an ordinary actor runs next wherever its last
/// sender happened to run.
class connection_handler final : public caf::event_based_actor {
public:
  /// `home`: the unit to run on; null: CAF's scheduler.
  connection_handler(caf::actor_config& cfg, caf::execution_unit* home,
                     std::shared_ptr<const handler> made, connection peer);

  /// Not yet initialised: the function is called with the first event, on the thread that runs it.
  static caf::actor spawn(io_loop& loop, placement where, std::shared_ptr<const handler> made,
                          connection peer);

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* sender_context) override;
  using caf::event_based_actor::enqueue;
  caf::behavior make_behavior() override;

private:
  caf::execution_unit* home_;
  std::shared_ptr<const handler> made_;
  connection peer_;
};

} // namespace actornet
