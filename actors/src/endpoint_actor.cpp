// SPDX-License-Identifier: BSD-3-Clause
#include "endpoint_actor.hpp"

#include <actornet/messages.hpp>

#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

namespace actornet {

endpoint_actor::endpoint_actor(caf::actor_config& cfg, io_loop& home)
    : caf::monitorable_actor(cfg), home_(home), begun_(home.is_current()) {}

void endpoint_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  bool is_local = home_.is_current();
  if (is_local) {
    if (take_at_once(*what))
      return;
    foresee(command(*what));
    ++local_waiting_;
    local_queues_up_ = local_queues_up_ || !begun_;
  }
  deliver message{caf::strong_actor_ptr(ctrl()), std::move(what), is_local};
  if (is_local && local_queues_up_)
    home_.inbox()->put(std::move(message));
  else
    home_.put(std::move(message));
}

bool endpoint_actor::take_at_once(caf::mailbox_element& what) {
  if (local_waiting_ > 0 || !home_.has_short_cuts() || !home_.is_in_handler())
    return false;
  command given(what);
  return obey_at_once(given);
}

void endpoint_actor::receive_local(caf::mailbox_element& what) {
  if (--local_waiting_ == 0)
    local_queues_up_ = false;
  receive(what);
}

void endpoint_actor::receive(caf::mailbox_element& what) {
  if (what.mid.is_response())
    return take_answer(what);
  command given(what);
  if (obey(given))
    return;
  if (given.is<ref>() || given.is<unref>()) {
    if (given.is<ref>() && is_open())
      register_at_system();
    auto asker = given.asker();
    answer_done(asker);
    // Last: now the system may end, and the answer is on its way.
    if (given.is<unref>())
      unregister_from_system();
  } else if (what.content().match_elements<caf::exit_msg>()) {
    // (CAF has numbers for its own types where `command` looks for their type_info.)
    // A linked actor that ended normally is no reason to end.
    auto reason = what.content().get_as<caf::exit_msg>(0).reason;
    if (reason && reason != caf::exit_reason::normal)
      exit_requested(reason);
  } else if (!handle_system_message(what, &home_, true)) {
    // Down messages and the like end here, too.
    auto asker = given.asker();
    asker.answer(ctrl(), &home_, caf::make_error(caf::sec::unexpected_message));
  }
}

void endpoint_actor::retire(caf::error reason) {
  cleanup(std::move(reason), &home_);
  unregister_from_system();
  home_.release(*this);
}

} // namespace actornet
