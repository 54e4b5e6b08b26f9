// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "admission.hpp"
#include "endpoint_actor.hpp"
#include "limit_watch.hpp"
#include "loop_timer.hpp"

#include <actornet/broker_options.hpp>
#include <actornet/messages.hpp>

#include <memory>
#include <set>
#include <string>

namespace actornet {

/// A connection broker: commands in, events out, and between them the admission that the gates of
/// listeners share. No client waits for this actor.
///
/// It lives as long as somebody refers to it; nobody waits for it. Of its owner, who may keep it,
/// it keeps nothing.
class broker_actor final : public endpoint_actor {
public:
  broker_actor(caf::actor_config& cfg, io_loop& home, broker_options chosen);
  ~broker_actor() override;

  /// Any thread.
  static connection_broker spawn(io_loop& home, broker_options chosen);
  /// What a listener with that broker asks; null for none, and for an actor that is no broker of
  /// this system.
  static std::shared_ptr<admission> admission_of(const connection_broker& broker,
                                                 const caf::actor_system& system);

  // -- loop's thread -----------------------------------------------------------------------------

  void shut_down() override;
  const char* name() const override { return "actornet.connection_broker"; }
  std::set<std::string> message_types() const override;
  void on_destroy() override;

private:
  bool is_open() const noexcept override { return open_; }
  bool obey(command& what) override;
  bool obey_at_once(command&) override { return false; }
  bool obey_change(command& what);
  bool obey_question(command& what);
  void exit_requested(const caf::error& reason) override;

  void limit_was_reached();
  void look_later();
  void look_again();
  void tell_changes(const std::vector<limit_watch::change>& changes);
  void stop_listeners(const stop& how, responder asker);
  broker_info info() const;

  connection_broker self() {
    return caf::actor_cast<connection_broker>(caf::strong_actor_ptr(ctrl()));
  }
  template <class Event> void tell(Event event) {
    if (auto owner = owner_.lock())
      owner->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                               std::move(event)),
                     nullptr);
  }

  const caf::weak_actor_ptr owner_;
  std::shared_ptr<admission> admission_;
  limit_watch watch_;
  loop_timer next_look_;
  bool open_ = true;
};

} // namespace actornet
