// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "hosted_actor.hpp"

#include <actornet/handler.hpp>
#include <actornet/options.hpp>

#include <memory>

namespace actornet {

/// The actor that the runtime makes of a handler function, one per connection.
class connection_handler final : public hosted_actor {
public:
  connection_handler(caf::actor_config& cfg, io_loop& loop, placement where,
                     std::shared_ptr<const handler> made, connection peer);

  /// Not yet initialised: the function is called with the first event, on the thread that runs it.
  static caf::actor spawn(io_loop& loop, placement where, std::shared_ptr<const handler> made,
                          connection peer);

  caf::behavior make_behavior() override;

private:
  std::shared_ptr<const handler> made_;
  connection peer_;
};

} // namespace actornet
