// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"

#include <actornet/error.hpp>

namespace actornet {

// What a connection does with each command; connection_actor.cpp has the life that they change.

bool connection_actor::obey(command& what) {
  return obey_at_once(what) || obey_question(what) || obey_option(what) || obey_while_open(what);
}

// Both only append to what is to be sent: what comes of it is told in a later turn.
bool connection_actor::obey_at_once(command& what) {
  if (what.is<write>()) {
    auto asker = what.asker();
    begin_write(what.take<write>().bytes, std::move(asker));
    return true;
  }
  if (what.is<finish>()) {
    auto asker = what.asker();
    begin_finish(what.take<finish>().last, std::move(asker));
    return true;
  }
  return false;
}

bool connection_actor::obey_question(command& what) {
  const bool about_addresses = what.is<get_address>();
  if (!about_addresses && !what.is<get_info>())
    return false;
  auto asker = what.asker();
  if (about_addresses)
    answer(asker, addresses{local_, remote_});
  else
    answer(asker, info());
  return true;
}

bool connection_actor::obey_option(command& what) {
  if (const auto* given = what.as<set_no_delay>())
    set_option(what,
               [chosen = given->enabled](auto& socket) { return socket.set_no_delay(chosen); });
  else if (const auto* alive = what.as<set_keep_alive>())
    set_option(what, [chosen = keep_alive_options{alive->enabled,
                                                  std::chrono::milliseconds(alive->delay_ms)}](
                         auto& socket) { return socket.set_keep_alive(chosen); });
  else
    return false;
  return true;
}

bool connection_actor::obey_while_open(command& what) {
  void (connection_actor::*then)(command&) = nullptr;
  if (what.is<destroy>())
    then = &connection_actor::obey_destroy;
  else if (what.is<reset>())
    then = &connection_actor::obey_reset;
  else if (what.is<pause>() || what.is<resume>())
    then = &connection_actor::obey_pause;
  else if (what.is<set_handler>())
    then = &connection_actor::obey_set_handler;
  else if (what.is<set_timeout>())
    then = &connection_actor::obey_set_timeout;
  else
    return false;
  auto asker = what.asker();
  if (life_ == life::closed) {
    answer_error(asker, not_connected_error());
  } else {
    (this->*then)(what);
    answer_done(asker);
  }
  return true;
}

void connection_actor::obey_destroy(command&) {
  conclude(close_reason::destroyed, destroyed_error());
}

void connection_actor::obey_reset(command&) {
  conclude(close_reason::reset_by_us, error::of(trouble::reset_by_us, "write", "cut off by reset"));
}

void connection_actor::obey_pause(command& what) {
  paused_ = what.is<pause>();
  // Who does not read any more would never come to the end that `broke_` waits for.
  if (paused_ && broke_)
    return break_with(*broke_);
  deliver_held();
}

void connection_actor::obey_set_handler(command& what) {
  change_handler(what.take<set_handler>().handler);
}

void connection_actor::obey_set_timeout(command& what) {
  start_idle_timer(std::chrono::milliseconds(what.as<set_timeout>()->idle_ms));
}

void connection_actor::set_option(command& what, socket_option set) {
  auto asker = what.asker();
  if (life_ == life::closed)
    return answer_error(asker, not_connected_error());
  if (!socket_) {
    early().options.emplace_back(std::move(set), std::move(asker));
    return;
  }
  answer_option(asker, set(*socket_));
}

connection_actor::early_commands& connection_actor::early() {
  if (!early_)
    early_ = std::make_unique<early_commands>();
  return *early_;
}

void connection_actor::obey_early_commands() {
  auto early = std::exchange(early_, nullptr);
  if (!early)
    return;
  for (auto& [set, asker] : early->options)
    answer_option(asker, set(*socket_));
  for (auto& each : early->writes)
    socket_->send(std::move(each));
}

void connection_actor::answer_option(responder& asker, const net::expected<void>& done) {
  if (done)
    answer_done(asker);
  else
    answer_error(asker, done.error());
}

connection_info connection_actor::info() const {
  return {bytes_read_,
          ledger_.bytes_taken(),
          life_ == life::closed ? 0 : ledger_.queued(),
          window_ ? window_->bytes_held() : 0,
          window_ ? window_->bytes_max() : 0,
          state()};
}

connection_state connection_actor::state() const noexcept {
  if (life_ == life::closed)
    return connection_state::closed;
  if (life_ != life::open)
    return connection_state::connecting;
  if (read_over_)
    return connection_state::write_only;
  return writing_ == writing::open ? connection_state::open : connection_state::read_only;
}

} // namespace actornet
