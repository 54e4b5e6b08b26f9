// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <caf/actor.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/type_erased_tuple.hpp>

#include <functional>
#include <utility>

namespace actornet::test {

/// An owner without a mailbox: it sees each event within the call that tells it, and can look at
/// the world as it is at that moment. It must only look.
class instant_owner final : public caf::monitorable_actor {
public:
  using look = std::function<void(const caf::type_erased_tuple&)>;

  instant_owner(caf::actor_config& cfg, look seen)
      : caf::monitorable_actor(cfg), seen_(std::move(seen)) {}

  static caf::actor make(caf::actor_system& system, look seen) {
    caf::actor_config cfg;
    return caf::make_actor<instant_owner, caf::actor>(system.next_actor_id(), system.node(),
                                                      &system, cfg, std::move(seen));
  }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    seen_(what->content());
  }
  using caf::monitorable_actor::enqueue;
  void on_destroy() override { cleanup(caf::exit_reason::normal, nullptr); }

private:
  look seen_;
};

} // namespace actornet::test
