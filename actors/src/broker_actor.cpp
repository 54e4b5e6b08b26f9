// SPDX-License-Identifier: BSD-3-Clause
#include "broker_actor.hpp"

#include "admission_gate.hpp"
#include "listener_actor.hpp"
#include "stop_round.hpp"
#include "unhandled_events.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <chrono>
#include <utility>

namespace actornet {

namespace {

// How often it is looked whether there is room again.
constexpr std::chrono::milliseconds look_interval{100};

} // namespace

broker_actor::broker_actor(caf::actor_config& cfg, io_loop& home, broker_options chosen)
    : endpoint_actor(cfg, home), owner_(caf::actor_cast<caf::weak_actor_ptr>(chosen.owner)),
      admission_(std::make_shared<admission>(chosen, admission::tracking::addresses_too)),
      watch_(admission_), next_look_([this] { look_again(); }) {
  begin();
  admission_->on_limit(later(*this, &broker_actor::limit_was_reached));
  if (chosen.owner)
    drop_unhandled_events(chosen.owner);
}

broker_actor::~broker_actor() = default;

connection_broker broker_actor::spawn(io_loop& home, broker_options chosen) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<broker_actor, connection_broker>(system.next_actor_id(), system.node(),
                                                          &system, cfg, home, std::move(chosen));
}

std::shared_ptr<admission> broker_actor::admission_of(const connection_broker& broker,
                                                      const caf::actor_system& system) {
  if (!broker)
    return nullptr;
  auto* found = dynamic_cast<broker_actor*>(caf::actor_cast<caf::abstract_actor*>(broker));
  return found == nullptr || &found->home_system() != &system ? nullptr : found->admission_;
}

std::set<std::string> broker_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<connection_broker>{});
}

// -- commands -------------------------------------------------------------------------------------

bool broker_actor::obey(command& what) {
  if (obey_change(what) || obey_question(what))
    return true;
  const auto* given = what.as<stop>();
  if (given == nullptr)
    return false;
  auto how = *given;
  stop_listeners(how, what.asker());
  return true;
}

bool broker_actor::obey_change(command& what) {
  if (const auto* limits = what.as<set_limits>())
    admission_->set_limits(limits->limits);
  else if (const auto* policy = what.as<set_over_limit>())
    admission_->set_policy(policy->policy, policy->farewell);
  else if (const auto* lists = what.as<set_access>())
    admission_->set_access({lists->allow, lists->deny});
  else
    return false;
  auto asker = what.asker();
  answer_done(asker);
  return true;
}

bool broker_actor::obey_question(command& what) {
  const auto* about = what.as<get_use>();
  const bool about_count = what.is<get_connections>();
  if (about == nullptr && !about_count && !what.is<get_info>())
    return false;
  auto use = about == nullptr ? address_use{} : admission_->use_of(about->remote);
  auto asker = what.asker();
  if (about != nullptr)
    answer(asker, use);
  else if (about_count)
    answer(asker, connections{admission_->connections()});
  else
    answer(asker, info());
  return true;
}

broker_info broker_actor::info() const {
  broker_info result{admission_->limits(),
                     admission_->policy(),
                     admission_->connections(),
                     admission_->accepted(),
                     admission_->refused(),
                     admission_->addresses(),
                     {}};
  for (const auto& each : admission_->gates())
    result.listeners.push_back({caf::actor_cast<listener>(each->owner()), each->connections(),
                                each->accepted(), each->refused()});
  return result;
}

void broker_actor::stop_listeners(const stop& how, responder asker) {
  stop_list whom;
  for (const auto& each : admission_->gates())
    if (auto one = caf::actor_cast<listener>(each->owner()))
      whom.listeners.push_back(std::move(one));
  stop_round::begin(home(), std::move(whom), how,
                    {caf::actor_cast<caf::actor>(self()), caf::actor_cast<caf::actor>(owner_)},
                    [us = caf::strong_actor_ptr(ctrl()),
                     asker = std::make_shared<responder>(std::move(asker))](stopped report) {
                      asker->answer(us.get(), nullptr, report);
                    });
}

// -- limits ---------------------------------------------------------------------------------------

void broker_actor::limit_was_reached() {
  if (!open_)
    return;
  tell_changes(watch_.look_for_reached());
  if (watch_.has_reached() && !next_look_.armed())
    look_later();
}

// Until then the loop keeps us, since a timer must not go on another thread.
void broker_actor::look_later() {
  home().adopt(*this);
  home().timers().arm(next_look_, home().now() + look_interval);
}

void broker_actor::look_again() {
  caf::strong_actor_ptr alive(ctrl());
  tell_changes(watch_.look_for_cleared(home().now()));
  tell_changes(watch_.look_for_reached());
  home().release(*this);
  if (!watch_.has_reached())
    return;
  // Only if others keep us, too: of a limit of 0 there never is room, so we might look for ever.
  const caf::weak_actor_ptr us(ctrl());
  alive = nullptr;
  alive = us.lock();
  if (alive)
    look_later();
}

void broker_actor::tell_changes(const std::vector<limit_watch::change>& changes) {
  for (const auto& each : changes) {
    auto where = caf::actor_cast<listener>(each.where);
    if (each.reached)
      tell(limit_reached{self(), each.scope, where, each.who});
    else
      tell(limit_cleared{self(), each.scope, where});
  }
}

// -- the end --------------------------------------------------------------------------------------

void broker_actor::exit_requested(const caf::error& reason) {
  // Its listeners go on: what it decided is in the admission that they share.
  cleanup(caf::error(reason), &home());
}

void broker_actor::shut_down() {
  open_ = false;
  home().timers().disarm(next_look_);
}

void broker_actor::on_destroy() {
  if (!getf(is_cleaned_up_flag))
    cleanup(caf::exit_reason::unreachable, nullptr);
}

} // namespace actornet
