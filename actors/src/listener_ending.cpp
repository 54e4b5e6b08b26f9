// SPDX-License-Identifier: BSD-3-Clause
#include "listener_actor.hpp"

#include "stop_list.hpp"

#include <algorithm>
#include <utility>

// How a listener ends, or does not.
namespace actornet {

namespace {

// How often an owner hears how far stopping has come.
constexpr std::chrono::milliseconds progress_interval_min{100};
constexpr std::chrono::milliseconds progress_interval_max{1000};
constexpr int progress_per_deadline = 10;

} // namespace

void listener_actor::stop_listening() {
  life_ = life::closed;
  gate_->stop_waiting();
  home().timers().disarm(accept_again_);
  home().timers().disarm(answer_due_);
  lookup_.reset();
  sockets_.clear();
}

template <class Command> void listener_actor::command_all(Command what) {
  for (auto& [id, peer] : connections_)
    peer->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages, what),
                  nullptr);
}

void listener_actor::begin_stop(const stop& how, responder asker) {
  if (!is_open())
    return answer(asker, stopped{0, 0, gate_->accepted()});
  stop_listening();
  if (stop_askers_.empty())
    stopping_ = gate_->connections();
  stop_askers_.push_back(std::move(asker));
  reset_rest_ = how.reset_rest;
  command_all(wind_down{how.deadline_ms});
  const auto deadline = std::chrono::milliseconds(how.deadline_ms);
  const auto due = home().after(deadline);
  if (!deadline_.armed() || due < deadline_.deadline())
    home().timers().arm(deadline_, due);
  progress_interval_ =
      std::clamp(deadline / progress_per_deadline, progress_interval_min, progress_interval_max);
  tell_progress();
  leave_if_over();
}

void listener_actor::tell_progress() {
  const auto left = gate_->connections();
  if (left == 0)
    return;
  tell(drain_progress{caf::actor_cast<caf::actor>(self()), left,
                      stopping_ - std::min(stopping_, left)});
  home().timers().arm(progress_, home().after(progress_interval_));
}

void listener_actor::force_the_rest() {
  // Not of `connections_`: those of other loops leave it later than they close.
  forced_ = gate_->connections();
  home().timers().disarm(progress_);
  if (reset_rest_)
    command_all(reset{});
  else
    command_all(destroy{});
}

void listener_actor::aborted() {
  if (life_ == life::closed || life_ == life::gone)
    return;
  stop_listening();
  leave_if_over();
}

void listener_actor::leave_if_over() {
  if (life_ == life::closed && connections_.empty())
    leave(false, std::move(end_reason_));
}

void listener_actor::fail(const error& why) {
  stop_listening();
  tell(listener_failed{self(), why});
  leave(true, to_caf(why));
}

void listener_actor::leave(bool had_error, caf::error reason) {
  caf::strong_actor_ptr alive(ctrl());
  life_ = life::gone;
  abort_.reset();
  farewells_.end_all();
  for (auto* each : {&deadline_, &progress_})
    home().timers().disarm(*each);
  tell_rest_of_refusals();
  for (auto& each : std::exchange(stop_askers_, {}))
    answer(each, stopped{stopping_ - std::min(stopping_, forced_), forced_, gate_->accepted()});
  tell(listener_closed{self(), had_error});
  chosen_.owner = nullptr;
  chosen_.broker = connection_broker();
  settings_.reset();
  retire(std::move(reason));
}

void listener_actor::shut_down() {
  stop_listening();
  leave(false, caf::exit_reason::user_shutdown);
}

void listener_actor::collect_for_stop(stop_list& into) { into.listeners.push_back(self()); }

void listener_actor::exit_requested(const caf::error& reason) {
  if (life_ == life::gone || goes_on_after(reason))
    return;
  end_reason_ = reason;
  stop_listening();
  leave_if_over();
}

// Whoever waits in the backlog does not notice.
bool listener_actor::goes_on_after(const caf::error& failure) {
  const bool is_alive = life_ == life::listening || life_ == life::paused;
  if (!is_alive || failure == caf::exit_reason::kill || !restarts_.may_restart(home().now()))
    return false;
  command_all(destroy{});
  auto why = error_of(failure);
  tell(listener_restarted{self(),
                          why ? *why
                              : error::of(trouble::handler_failed, "",
                                          "a linked actor died: " + home_system().render(failure)),
                          restarts_.count()});
  return true;
}

} // namespace actornet
