// SPDX-License-Identifier: BSD-3-Clause
#include "unhandled_events.hpp"

#include <actornet/messages.hpp>

#include <caf/mailbox_element.hpp>
#include <caf/make_message.hpp>
#include <caf/message_view.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/system_messages.hpp>

#include <array>
#include <memory>
#include <typeinfo>

namespace actornet {

namespace {

using default_handler = caf::scheduled_actor::default_handler;

/// Protected members may be named by those who derive.
struct opened_actor : caf::scheduled_actor {
  static default_handler& handler_of(caf::scheduled_actor& whose) {
    return whose.*(&opened_actor::default_handler_);
  }
};

void replace_default_handler(caf::scheduled_actor& whose) {
  using function = caf::result<caf::message> (*)(caf::scheduled_actor*, caf::message_view&);
  auto& handler = opened_actor::handler_of(whose);
  auto* plain = handler.target<function>();
  if (plain != nullptr && *plain == caf::print_and_drop)
    handler = drop_events;
}

/// A message whose reader, just by looking at it, replaces its default handler.
///
/// The default handler of an actor may be touched only by who runs the actor, and only a message
/// gets us there. So this one acts when its content is asked for, and its content is a time-out
/// that was never set, which CAF swallows.
class introduction final : public caf::mailbox_element {
public:
  explicit introduction(caf::scheduled_actor& reader)
      : mailbox_element(nullptr, caf::make_message_id(), {}), reader_(reader),
        never_set_(caf::make_message(caf::timeout_msg{caf::receive_atom::value, UINT64_MAX})) {}

  caf::type_erased_tuple& content() override {
    if (!std::exchange(done_, true))
      replace_default_handler(reader_);
    return never_set_;
  }

  const caf::type_erased_tuple& content() const override { return never_set_; }
  caf::message move_content_to_message() override { return never_set_; }
  caf::message copy_content_to_message() const override { return never_set_; }

private:
  // Its mailbox holds this message, so it is there.
  caf::scheduled_actor& reader_;
  caf::message never_set_;
  bool done_ = false;
};

} // namespace

bool is_event(const caf::type_erased_tuple& content) {
  static const std::array events{&typeid(connected),
                                 &typeid(data),
                                 &typeid(text_data),
                                 &typeid(end),
                                 &typeid(timeout),
                                 &typeid(drain),
                                 &typeid(failed),
                                 &typeid(closed),
                                 &typeid(listening),
                                 &typeid(accepted),
                                 &typeid(dropped),
                                 &typeid(listener_failed),
                                 &typeid(listener_closed),
                                 &typeid(write_failed),
                                 &typeid(udp_listening),
                                 &typeid(udp_connected),
                                 &typeid(datagram),
                                 &typeid(datagrams),
                                 &typeid(udp_accepted),
                                 &typeid(send_failed),
                                 &typeid(udp_failed),
                                 &typeid(udp_drain),
                                 &typeid(udp_closed),
                                 &typeid(piped),
                                 &typeid(unpiped),
                                 &typeid(pipe_failed),
                                 &typeid(source_lost),
                                 &typeid(sink_opened),
                                 &typeid(sink_drained),
                                 &typeid(sink_write_failed),
                                 &typeid(sink_failed),
                                 &typeid(sink_closed),
                                 &typeid(source_opened),
                                 &typeid(source_unpiped),
                                 &typeid(source_closed),
                                 &typeid(draining),
                                 &typeid(drain_progress),
                                 &typeid(handler_failed),
                                 &typeid(listener_restarted),
                                 &typeid(limit_reached),
                                 &typeid(limit_cleared)};
  if (content.size() != 1)
    return false;
  const auto* type = content.type(0).second;
  for (const auto* each : events)
    if (type != nullptr && *type == *each)
      return true;
  return false;
}

caf::result<caf::message> drop_events(caf::scheduled_actor* self, caf::message_view& what) {
  if (is_event(what.content()))
    return caf::make_message();
  return caf::print_and_drop(self, what);
}

void drop_unhandled_events(const caf::actor& handler) {
  auto* local = dynamic_cast<caf::scheduled_actor*>(caf::actor_cast<caf::abstract_actor*>(handler));
  if (local != nullptr)
    local->enqueue(caf::mailbox_element_ptr(new introduction(*local)), nullptr);
}

} // namespace actornet
