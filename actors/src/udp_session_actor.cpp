// SPDX-License-Identifier: BSD-3-Clause
#include "udp_session_actor.hpp"

#include "made_handler.hpp"
#include "udp_errors.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <cassert>
#include <cerrno>
#include <exception>
#include <utility>

namespace actornet {

namespace {

template <class... Commands> bool is_one_of(command& what) { return (what.is<Commands>() || ...); }

} // namespace

udp_session_actor::udp_session_actor(caf::actor_config& cfg, io_loop& home, udp_actor& parent,
                                     endpoint remote)
    : datagram_endpoint(cfg, home), parent_(&parent), remote_(std::move(remote)),
      idle_timeout_(parent.options().sessions->idle_timeout) {}

udp_endpoint udp_session_actor::spawn(io_loop& home, udp_actor& parent, const endpoint& remote) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<udp_session_actor, udp_endpoint>(system.next_actor_id(), system.node(),
                                                          &system, cfg, home, parent, remote);
}

std::set<std::string> udp_session_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<udp_endpoint>{});
}

void udp_session_actor::start(const std::shared_ptr<const udp_handler>& made) {
  begin();
  home().adopt(*this);
  touch();
  try {
    take_handler(handler_of(home(), parent_->options().handlers, made, handle()));
    tell(udp_connected{handle(), parent_->local(), remote_});
  } catch (...) {
    begin_close(udp_close_reason::handler_failed);
  }
}

// -- datagrams ------------------------------------------------------------------------------------

bool udp_session_actor::receive(net::received_datagram& what) {
  if (life_ != life::open || muted_ || paused_ || !has_handler() || !take_into_window(what)) {
    ++dropped_;
    return false;
  }
  ++received_;
  bytes_received_ += what.bytes.size();
  touch();
  tell_now(parent_->event_of(what, handle(), window_ ? window_ : parent_->window()));
  return true;
}

// What a handler elsewhere keeps must not fill the window of the endpoint, which is for all: it
// gets a copy, and a window of its own.
bool udp_session_actor::take_into_window(net::received_datagram& what) {
  if (has_neighbour())
    return true;
  if (!window_)
    window_ = net::make_receive_window(parent_->options().sessions->receive_window_bytes, nullptr);
  if (!window_->has_room_or_wait())
    return false;
  what.bytes = parent_->copy_into(what.bytes, window_);
  return true;
}

void udp_session_actor::begin_send(packed&& made, const destination& to) {
  auto& what = made.what;
  what.whose = caf::strong_actor_ptr(ctrl());
  if (life_ != life::open)
    return was_refused(what, udp_closed_error());
  if (!is_nobody(to) && to.address != remote_)
    return was_refused(what, udp_connected_error("send"));
  if (made.fault)
    return was_refused(what, *made.fault);
  what.from = to.from;
  ++sending_;
  bytes_sending_ += what.size;
  parent_->send_for_session(std::move(what), remote_);
}

void udp_session_actor::was_sent(send_ledger::entry& done) {
  ++sent_;
  bytes_sent_ += done.bytes;
  touch();
  answer_sent(done.asker, done.bytes, done.keep_going);
  no_longer_sending(done.bytes);
}

void udp_session_actor::was_not_sent(send_ledger::entry& lost, const error& why) {
  tell_not_sent(lost.asker, lost.bytes, why);
  no_longer_sending(lost.bytes);
}

void udp_session_actor::was_refused_by_parent(parcel& what, const error& why) {
  tell_not_sent(what.asker, what.size, why);
  no_longer_sending(what.size);
}

void udp_session_actor::was_refused(parcel& what, const error& why) {
  tell_not_sent(what.asker, what.size, why);
}

void udp_session_actor::tell_not_sent(send_asker& asker, std::uint64_t bytes, const error& why) {
  if (asker)
    answer_not_sent(asker, why);
  else if (life_ != life::closed)
    tell(send_failed{handle(), 1, bytes, why});
}

void udp_session_actor::no_longer_sending(std::uint64_t bytes) {
  --sending_;
  bytes_sending_ -= bytes;
  close_if_sent();
}

// -- commands -------------------------------------------------------------------------------------

bool udp_session_actor::obey_at_once(command& what) { return obey_send(what); }

void udp_session_actor::foresee(const command& what) {
  muted_ = muted_ || what.is<actornet::close>();
}

bool udp_session_actor::obey(command& what) {
  return obey_at_once(what) || obey_question(what) || obey_close(what) || obey_own(what) ||
         obey_of_socket(what);
}

bool udp_session_actor::obey_question(command& what) {
  const bool about_addresses = what.is<get_address>();
  if (!about_addresses && !what.is<get_info>())
    return false;
  auto asker = what.asker();
  if (!about_addresses)
    answer(asker, info());
  else if (parent_)
    answer(asker, addresses{parent_->local(), remote_});
  else
    answer_error(asker, udp_closed_error());
  return true;
}

bool udp_session_actor::obey_own(command& what) {
  if (!is_one_of<pause, resume, set_handler>(what))
    return false;
  auto asker = what.asker();
  if (life_ != life::open) {
    answer_error(asker, udp_closed_error());
    return true;
  }
  if (what.is<set_handler>()) {
    take_handler(what.take<set_handler>().handler);
    tell(udp_connected{handle(), parent_->local(), remote_});
  } else {
    paused_ = what.is<pause>();
  }
  answer_done(asker);
  return true;
}

bool udp_session_actor::obey_of_socket(command& what) {
  if (!is_one_of<bind, connect, disconnect, join, leave, set_ttl, set_broadcast, set_multicast_ttl,
                 set_multicast_loopback, set_multicast_interface, set_type_of_service,
                 set_buffer_sizes, set_socket_option, get_socket_option, split_off>(what))
    return false;
  auto asker = what.asker();
  auto why = error::system(EOPNOTSUPP, "");
  why.detail = "a session has no socket of its own: ask its endpoint";
  answer_error(asker, why);
  return true;
}

bool udp_session_actor::obey_close(command& what) {
  if (!what.is<actornet::close>())
    return false;
  auto asker = what.asker();
  if (life_ == life::closed) {
    answer_done(asker);
    return true;
  }
  close_askers_.push_back(std::move(asker));
  begin_close(udp_close_reason::closed);
  return true;
}

udp_info udp_session_actor::info() const {
  auto state = udp_state::open;
  if (life_ != life::open)
    state = life_ == life::closed ? udp_state::closed : udp_state::closing;
  return {.received = received_,
          .bytes_received = bytes_received_,
          .sent = sent_,
          .bytes_sent = bytes_sent_,
          .dropped = dropped_,
          .buffered = bytes_sending_,
          .datagrams_buffered = sending_,
          .window_held = window_ ? window_->bytes_held() : 0,
          .window_max = window_ ? window_->bytes_max() : 0,
          .state = state};
}

// -- time and the end -----------------------------------------------------------------------------

// The timer is moved only when it is due: a busy session would else move it with each datagram.
void udp_session_actor::touch() {
  if (idle_timeout_.count() <= 0 || life_ != life::open)
    return;
  const bool is_first = last_activity_ == net::instant{};
  last_activity_ = home().now();
  if (is_first)
    home().timers().arm(*this, home().after(idle_timeout_));
}

void udp_session_actor::on_timer() {
  const auto due = last_activity_ + idle_timeout_;
  if (home().now() < due)
    home().timers().arm(*this, due);
  else
    begin_close(udp_close_reason::idle);
}

void udp_session_actor::begin_close(udp_close_reason why) {
  if (life_ != life::open)
    return;
  life_ = life::closing;
  reason_ = why;
  close_if_sent();
}

// What it sent is answered first; that is in the next turn, unless the kernel has no room.
void udp_session_actor::close_if_sent() {
  if (life_ == life::closing && sending_ == 0)
    conclude();
}

void udp_session_actor::parent_gone() {
  if (life_ == life::closed)
    return;
  if (life_ == life::open)
    reason_ = udp_close_reason::parent_closed;
  parent_ = nullptr;
  conclude();
}

void udp_session_actor::handler_died(const caf::error& reason) {
  begin_close(reason && reason != caf::exit_reason::normal ? udp_close_reason::handler_failed
                                                           : udp_close_reason::closed);
}

void udp_session_actor::exit_requested(const caf::error&) {
  begin_close(udp_close_reason::handler_failed);
}

void udp_session_actor::shut_down() {
  if (life_ == life::closed)
    return;
  reason_ = udp_close_reason::shut_down;
  conclude();
}

void udp_session_actor::conclude() {
  caf::strong_actor_ptr alive(ctrl());
  life_ = life::closed;
  home().timers().disarm(*this);
  if (auto* parent = std::exchange(parent_, nullptr))
    parent->session_gone(remote_);
  for (auto& each : std::exchange(close_askers_, {}))
    answer_done(each);
  tell(udp_closed{handle(), false, reason_, received_, sent_});
  forget_handler();
  if (reason_ == udp_close_reason::handler_failed)
    retire(to_caf(error::of(trouble::handler_failed, "", "the handler died")));
  else if (reason_ == udp_close_reason::shut_down)
    retire(caf::exit_reason::user_shutdown);
  else
    retire(caf::exit_reason::normal);
}

} // namespace actornet
