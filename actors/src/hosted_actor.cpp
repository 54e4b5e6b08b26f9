// SPDX-License-Identifier: BSD-3-Clause
#include "hosted_actor.hpp"

#include "io_loop.hpp"
#include "unhandled_events.hpp"

#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/make_message.hpp>
#include <caf/message_view.hpp>
#include <caf/result.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <exception>
#include <string>

namespace actornet {

namespace {

// CAF's own handlers print to standard output, which belongs to the program.

caf::result<caf::message> drop_or_refuse(stray_messages& strays, const caf::scheduled_actor& self,
                                         const caf::type_erased_tuple& what) {
  if (is_event(what))
    return caf::make_message();
  strays.report(self, what);
  return caf::sec::unexpected_message;
}

void drop_down(caf::scheduled_actor*, caf::down_msg&) {}

caf::error describe(std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& thrown) {
    return caf::make_error(caf::sec::runtime_error, std::string(thrown.what()));
  } catch (...) {
    return caf::make_error(caf::sec::runtime_error, std::string("not a std::exception"));
  }
}

} // namespace

hosted_actor::hosted_actor(caf::actor_config& cfg, io_loop& loop, placement where)
    : caf::event_based_actor(cfg), home_(where == placement::loop ? &loop : nullptr) {
  set_default_handler(
      [&strays = loop.strays()](caf::scheduled_actor* self, caf::message_view& what) {
        return drop_or_refuse(strays, *self, what.content());
      });
  set_down_handler(drop_down);
  set_exception_handler([](std::exception_ptr& what) { return describe(what); });
}

void hosted_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  caf::event_based_actor::enqueue(std::move(what), home_ ? &home_->home_unit() : nullptr);
}

// CAF's own has the system's clock forget the actor, which wakes a thread for each actor that ends:
// a fifth of what a short connection costs. Who never had a timeout need not be forgotten.
bool hosted_actor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  if (may_have_timeouts())
    return caf::event_based_actor::cleanup(std::move(reason), host);
  close_mailbox(reason);
  unregister_from_system();
  caf::monitorable_actor::cleanup(std::move(reason), host);
  return true;
}

// Each request counts as one, whether or not it had a limit: that is not kept.
bool hosted_actor::may_have_timeouts() const noexcept {
  return timeout_id_ != 0 || last_request_id_ != caf::message_id() || !stream_managers_.empty() ||
         !pending_stream_managers_.empty();
}

void hosted_actor::close_mailbox(const caf::error& reason) {
  if (mailbox().closed())
    return;
  mailbox().close();
  get_normal_queue().flush_cache();
  get_urgent_queue().flush_cache();
  caf::detail::sync_request_bouncer bounce(reason);
  constexpr std::size_t many = 1024;
  while (mailbox().queue().new_round(many, bounce).consumed_items > 0)
    ;
}

hosted_actor* hosted_actor::behind(const caf::actor& handle) {
  return dynamic_cast<hosted_actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

// What an activation does not do, only a round of the mailbox: to offer skipped messages again, and
// to drive streams.
bool hosted_actor::is_ready_to_take() noexcept {
  return home_->may_interrupt() && get_normal_queue().cache().empty() &&
         get_urgent_queue().cache().empty() && stream_managers().empty() && mailbox().try_unblock();
}

hosted_actor::next hosted_actor::handle(caf::mailbox_element& what) {
  io_loop::handler_turn turn(*home_, *this);
  switch (activate(home_, what)) {
  case activation_result::terminated:
    return next::nothing;
  case activation_result::skipped:
    return next::read_again;
  case activation_result::success:
  case activation_result::dropped:
    break;
  }
  return next::rest;
}

// The mailbox is ours until `rest`, so nobody is told to run the actor for this.
void hosted_actor::put_back(caf::mailbox_element_ptr skipped) {
  mailbox().push_back(std::move(skipped));
}

void hosted_actor::rest() {
  if (mailbox().try_block())
    return;
  intrusive_ptr_add_ref(ctrl());
  home_->home_unit().exec_later(this);
}

} // namespace actornet
