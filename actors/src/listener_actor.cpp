// SPDX-License-Identifier: BSD-3-Clause
#include "listener_actor.hpp"

#include "broker_actor.hpp"
#include "resolve_errors.hpp"
#include "unhandled_events.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <memory>
#include <utility>

namespace actornet {

namespace {

error not_listening_error() {
  return error::of(trouble::not_connected, "", "the listener does not listen");
}

} // namespace

// -- birth ----------------------------------------------------------------------------------------

listener_actor::listener_actor(caf::actor_config& cfg, io_loop& home, listen_options chosen,
                               handler made, place next_loop)
    : endpoint_actor(cfg, home), chosen_(std::move(chosen)),
      settings_(settings_for_connections(std::move(made))), next_loop_(std::move(next_loop)),
      gate_(gate_to(chosen_.broker)), farewells_(home), refusals_(chosen_.dropped_events_max),
      restarts_(chosen_.restart), answer_due_([this] { fail(no_answer_error(asked_)); }),
      accept_again_([this] { try_to_accept_again(); }),
      refusals_due_([this] { tell_rest_of_refusals(); }), deadline_([this] { force_the_rest(); }),
      progress_([this] { tell_progress(); }) {
  if (!chosen_.unreferenced)
    register_at_system();
}

std::shared_ptr<const connection_settings> listener_actor::settings_for_connections(handler made) {
  auto result = std::make_shared<connection_settings>(chosen_, std::move(made));
  // Weak, since we own the settings. We are there as long as we have connections.
  result->on_gone = [us = caf::weak_actor_ptr(ctrl()),
                     here = &home()](caf::actor_id who, std::optional<error> handler_failure) {
    here->put(task([us, who, failure = std::move(handler_failure)] {
      if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(us))
        static_cast<listener_actor*>(caf::actor_cast<caf::abstract_actor*>(strong))
            ->connection_gone(who, failure);
    }));
  };
  return result;
}

std::shared_ptr<admission_gate> listener_actor::gate_to(const connection_broker& broker) {
  auto shared = broker_actor::admission_of(broker, home_system());
  if (!shared)
    shared = std::make_shared<admission>(broker_options{}, admission::tracking::connections_only);
  return admission_gate::make(std::move(shared), chosen_.max_connections,
                              caf::weak_actor_ptr(ctrl()),
                              later(*this, &listener_actor::try_to_accept_again));
}

listener listener_actor::spawn(io_loop& home, listen_options chosen, handler made,
                               place next_loop) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<listener_actor, listener>(system.next_actor_id(), system.node(), &system,
                                                   cfg, home, std::move(chosen), std::move(made),
                                                   std::move(next_loop));
}

std::set<std::string> listener_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<listener>{});
}

net::listen_options listener_actor::socket_options(const listen_options& chosen) {
  return {.backlog = chosen.backlog,
          .ipv6_only = chosen.ipv6_only,
          .reuse_port = chosen.reuse_port,
          .receive_buffer_bytes = chosen.receive_buffer_bytes,
          .unix_mode = chosen.unix_mode};
}

void listener_actor::come_alive(life next) {
  life_ = next;
  begin();
  home().adopt(*this);
  if (chosen_.owner)
    drop_unhandled_events(chosen_.owner);
  if (chosen_.abort.stop_possible())
    abort_ = std::make_unique<std::stop_callback<std::function<void()>>>(
        chosen_.abort, later(*this, &listener_actor::aborted));
}

void listener_actor::start_listening(opened_listeners opened) {
  if (life_ == life::unborn)
    come_alive(life::listening);
  life_ = life::listening;
  local_ = opened.front().local;
  for (auto& each : opened) {
    auto added = home().backend().add_listener(std::move(each), *this);
    if (!added)
      return fail(added.error());
    (*added)->accept_singly(gate_->is_limited());
    sockets_.push_back(std::move(*added));
  }
  tell(listening{self(), local_});
  for (auto& each : sockets_)
    each->start_accepting();
}

void listener_actor::start_resolving(net::address where) {
  come_alive(life::resolving);
  asked_ = std::move(where);
  lookup_ = home().backend().look_up({asked_.host, asked_.port, net::address_family::none}, *this);
  home().arm_for_answer(answer_due_);
}

void listener_actor::on_resolved(std::vector<endpoint> found) {
  lookup_.reset();
  home().timers().disarm(answer_due_);
  std::optional<error> first;
  for (const auto& each : found) {
    auto opened = home().backend().open_listener(each, socket_options(chosen_));
    if (opened) {
      opened_listeners result;
      result.push_back(std::move(*opened));
      return start_listening(std::move(result));
    }
    if (!first)
      first = opened.error();
  }
  fail(*first);
}

void listener_actor::on_not_resolved(const error& why) { fail(why); }

// -- commands -------------------------------------------------------------------------------------

bool listener_actor::obey(command& what) {
  if (obey_question(what))
    return true;
  if (what.is<close>()) {
    auto asker = what.asker();
    if (is_open())
      stop_listening();
    answer_done(asker);
    leave_if_over();
    return true;
  }
  if (const auto* given = what.as<stop>()) {
    auto how = *given;
    begin_stop(how, what.asker());
    return true;
  }
  if (const auto* given = what.as<set_max_connections>()) {
    auto asker = what.asker();
    limit_connections(given->count);
    answer_done(asker);
    return true;
  }
  if (what.is<pause_accepting>() || what.is<resume_accepting>()) {
    auto asker = what.asker();
    if (sockets_.empty()) {
      answer_error(asker, not_listening_error());
    } else {
      pause_or_resume(what.is<pause_accepting>());
      answer_done(asker);
    }
    return true;
  }
  return false;
}

bool listener_actor::obey_question(command& what) {
  const bool about_count = what.is<get_connections>();
  const bool about_address = what.is<get_address>();
  if (!about_count && !about_address && !what.is<get_info>())
    return false;
  auto asker = what.asker();
  if (about_count)
    answer(asker, connections{gate_->connections()});
  else if (!about_address)
    answer(asker, info());
  else if (!sockets_.empty())
    answer(asker, addresses{local_, endpoint()});
  else
    answer_error(asker, not_listening_error());
  return true;
}

listener_info listener_actor::info() const {
  auto state = listener_state::closed;
  if (life_ == life::unborn || life_ == life::resolving)
    state = listener_state::resolving;
  else if (life_ == life::listening)
    state = listener_state::listening;
  else if (life_ == life::paused)
    state = listener_state::paused;
  return {gate_->connections(), gate_->accepted(), gate_->refused().sum(), state};
}

} // namespace actornet
