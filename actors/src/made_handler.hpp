// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "hosted_actor.hpp"

#include <actornet/handler.hpp>
#include <actornet/options.hpp>

#include <memory>

namespace actornet {

/// The actor that the runtime makes of a handler function, one per connection or UDP endpoint.
template <class Endpoint> class made_handler final : public hosted_actor {
public:
  using maker = std::shared_ptr<const basic_handler<Endpoint>>;

  made_handler(caf::actor_config& cfg, io_loop& loop, placement where, maker made, Endpoint whose);

  /// Not yet initialised: the function is called with the first event, on the thread that runs it.
  static caf::actor spawn(io_loop& loop, placement where, maker made, Endpoint whose);

  caf::behavior make_behavior() override;

private:
  maker made_;
  Endpoint whose_;
};

/// The handler of `whose`, as `made` says: an actor that was given, or one that is made now.
/// Throws what a function of the program throws.
template <class Endpoint>
caf::actor handler_of(io_loop& loop, placement where,
                      const std::shared_ptr<const basic_handler<Endpoint>>& made, Endpoint whose);

extern template class made_handler<connection>;
extern template class made_handler<udp_endpoint>;

} // namespace actornet
