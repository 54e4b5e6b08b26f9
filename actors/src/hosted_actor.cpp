// SPDX-License-Identifier: BSD-3-Clause
#include "hosted_actor.hpp"

#include "io_loop.hpp"
#include "unhandled_events.hpp"

#include <caf/detail/invoke_result_visitor.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/make_message.hpp>
#include <caf/match_case.hpp>
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

// Events have no sender, so what a handler returns goes nowhere. CAF would make a response promise
// to find that out.
class answer_to_nobody final : public caf::detail::invoke_result_visitor {
public:
  void operator()() override {}
  void operator()(caf::error&) override {}
  void operator()(caf::message&) override {}
  void operator()(const caf::none_t&) override {}
};

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
  auto& queues = mailbox().queue().queues();
  return home_->may_interrupt() && std::get<normal_queue_index>(queues).cache().empty() &&
         std::get<urgent_queue_index>(queues).cache().empty() && stream_managers().empty() &&
         mailbox().try_unblock();
}

bool hosted_actor::take_now(data& event) {
  if (!is_ready_to_take())
    return false;
  auto& element = home_->data_element();
  auto& content = std::get<0>(element.data());
  content = std::move(event);
  const auto what_next = handle(element);
  if (what_next == next::read_again)
    put_back(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                       std::move(content)));
  content = data();
  element.mid = caf::make_message_id();
  if (what_next != next::nothing)
    rest();
  return true;
}

hosted_actor::next hosted_actor::handle(caf::mailbox_element& event) {
  io_loop::handler_turn turn(*home_, *this);
  return is_simply_behaving() ? behave(event) : activate_for(event);
}

// What `activate` looks at before it asks the behaviour, and most actors have none of: not yet
// initialised, gone, a response that is awaited before all else, a receive timeout.
bool hosted_actor::is_simply_behaving() noexcept {
  return !bhvr_stack_.empty() && awaited_responses_.empty() &&
         (flags() & (is_initialized_flag | has_timeout_flag)) == is_initialized_flag &&
         !bhvr_stack_.back().timeout().valid();
}

// The same as `activate_for`, for an event and an actor that has none of the above: a third of the
// instructions, and of the code that has to be in the processor's cache.
hosted_actor::next hosted_actor::behave(caf::mailbox_element& event) {
  context(home_);
  current_mailbox_element(&event);
  answer_to_nobody answer;
  try {
    switch (bhvr_stack_.back()(answer, event.content())) {
    case caf::match_case::match:
      return after_behaving();
    case caf::match_case::skip:
      return next::read_again;
    case caf::match_case::no_match:
      break;
    }
  } catch (...) {
    return die_of_exception();
  }
  return activate_for(event); // for the default handler
}

hosted_actor::next hosted_actor::after_behaving() {
  bhvr_stack_.cleanup();
  if (bhvr_stack_.empty()) {
    if (finalize())
      return next::nothing;
  } else if (getf(has_timeout_flag) || bhvr_stack_.back().timeout().valid()) {
    set_receive_timeout();
  }
  return next::rest;
}

[[gnu::cold]] hosted_actor::next hosted_actor::die_of_exception() {
  auto thrown = std::current_exception();
  quit(call_handler(exception_handler_, this, thrown));
  finalize();
  return next::nothing;
}

[[gnu::noinline]] hosted_actor::next hosted_actor::activate_for(caf::mailbox_element& event) {
  switch (activate(home_, event)) {
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
