// SPDX-License-Identifier: BSD-3-Clause
#include "listener_actor.hpp"

#include "connection_actor.hpp"
#include "resolve_errors.hpp"
#include "unhandled_events.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <memory>
#include <utility>

namespace actornet {

namespace {

// After accept(2) failed for lack of something, and clients wait: long enough not to spin, short
// enough not to be felt.
constexpr std::chrono::milliseconds accept_pause{100};

error not_listening_error() {
  return error::of(trouble::not_connected, "", "the listener does not listen");
}

} // namespace

// -- birth ----------------------------------------------------------------------------------------

listener_actor::listener_actor(caf::actor_config& cfg, io_loop& home, listen_options chosen,
                               handler made, place next_loop)
    : endpoint_actor(cfg, home), chosen_(std::move(chosen)),
      settings_(settings_for_connections(std::move(made))), next_loop_(std::move(next_loop)),
      answer_due_([this] { fail(no_answer_error(asked_)); }),
      accept_again_([this] { try_to_accept_again(); }), deadline_([this] { force_the_rest(); }) {
  if (!chosen_.unreferenced)
    register_at_system();
}

std::shared_ptr<const connection_settings> listener_actor::settings_for_connections(handler made) {
  auto result = std::make_shared<connection_settings>(chosen_, std::move(made));
  // Weak, since we own the settings. We are there as long as we have connections.
  result->on_gone = [us = caf::weak_actor_ptr(ctrl()), here = &home()](caf::actor_id who) {
    here->put(task([us, who] {
      if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(us))
        static_cast<listener_actor*>(caf::actor_cast<caf::abstract_actor*>(strong))
            ->connection_gone(who);
    }));
  };
  return result;
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

// -- accepting ------------------------------------------------------------------------------------

void listener_actor::on_accepted(net::accepted_stream stream) {
  // accept(2) takes 10 ms and more when the kernel enlarges the table of descriptors.
  home().handlers_rested();
  trouble_.over();
  if (auto why = reason_to_drop(stream))
    drop(stream.local, stream.remote, *why);
  else
    serve(std::move(stream));
}

std::optional<drop_reason>
listener_actor::reason_to_drop(const net::accepted_stream& stream) const {
  if (chosen_.deny.contains(stream.remote) ||
      (!chosen_.allow.empty() && !chosen_.allow.contains(stream.remote)))
    return drop_reason::denied;
  if (chosen_.max_connections && open_connections() >= *chosen_.max_connections)
    return drop_reason::max_connections;
  return std::nullopt;
}

void listener_actor::drop(const endpoint& local, const endpoint& remote, drop_reason why) {
  ++dropped_;
  tell(dropped{self(), local, remote, why});
}

void listener_actor::serve(net::accepted_stream stream) {
  ++accepted_;
  auto& where = next_loop_();
  auto peer = connection_actor::spawn(where, settings_, true);
  connections_.emplace(peer.id(), peer);
  settings_->open.fetch_add(1);
  tell(accepted{self(), peer, stream.local, stream.remote});
  auto* begun = static_cast<connection_actor*>(caf::actor_cast<caf::abstract_actor*>(peer));
  if (where.is_current())
    return begun->start_accepted(std::move(stream));
  auto carried = std::make_shared<net::accepted_stream>(std::move(stream));
  where.put(task([peer, begun, carried] { begun->start_accepted(std::move(*carried)); }));
}

std::size_t listener_actor::open_connections() const {
  return settings_ ? settings_->open.load() : 0;
}

void listener_actor::connection_gone(caf::actor_id who) {
  connections_.erase(who);
  leave_if_over();
}

void listener_actor::on_shed(const error& why, const endpoint& local, const endpoint& remote) {
  report(why);
  drop(local, remote, drop_reason::no_descriptors);
}

void listener_actor::report(const error& why) {
  if (trouble_.is_news(home().now()))
    tell(listener_failed{self(), why});
}

void listener_actor::on_accept_failed(const error& why) {
  report(why);
  home().timers().arm(accept_again_, home().now() + accept_pause);
}

void listener_actor::try_to_accept_again() {
  if (life_ != life::listening)
    return;
  for (auto& each : sockets_)
    each->start_accepting();
}

void listener_actor::pause_or_resume(bool pausing) {
  life_ = pausing ? life::paused : life::listening;
  for (auto& each : sockets_)
    if (pausing)
      each->stop_accepting();
    else
      each->start_accepting();
}

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
    begin_stop(given->deadline_ms, what.asker());
    return true;
  }
  if (const auto* given = what.as<set_max_connections>()) {
    auto asker = what.asker();
    chosen_.max_connections.reset();
    if (given->count >= 0)
      chosen_.max_connections = static_cast<std::size_t>(given->count);
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
    answer(asker, connections{open_connections()});
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
  return {open_connections(), accepted_, dropped_, state};
}

// -- the end --------------------------------------------------------------------------------------

void listener_actor::stop_listening() {
  life_ = life::closed;
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

void listener_actor::begin_stop(std::int64_t deadline_ms, responder asker) {
  if (!is_open())
    return answer(asker, stopped{});
  stop_listening();
  if (stop_askers_.empty())
    stopping_ = open_connections();
  stop_askers_.push_back(std::move(asker));
  command_all(finish{});
  home().timers().arm(deadline_, home().after(std::chrono::milliseconds(deadline_ms)));
  leave_if_over();
}

void listener_actor::force_the_rest() {
  // Not of `connections_`: those of other loops leave it later than they close.
  forced_ = open_connections();
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
  home().timers().disarm(deadline_);
  for (auto& each : std::exchange(stop_askers_, {}))
    answer(each, stopped{stopping_ - forced_, forced_});
  tell(listener_closed{self(), had_error});
  chosen_.owner = nullptr;
  settings_.reset();
  retire(std::move(reason));
}

void listener_actor::shut_down() {
  stop_listening();
  leave(false, caf::exit_reason::user_shutdown);
}

void listener_actor::exit_requested(const caf::error& reason) {
  if (life_ == life::gone)
    return;
  end_reason_ = reason;
  stop_listening();
  leave_if_over();
}

template <class Event> void listener_actor::tell(Event event) {
  if (chosen_.owner)
    chosen_.owner->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(),
                                                     caf::no_stages, std::move(event)),
                           nullptr);
}

} // namespace actornet
