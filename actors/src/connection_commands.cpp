// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"

#include <actornet/error.hpp>

namespace actornet {

// What a connection does with each command; connection_actor.cpp has the life that they change.

bool connection_actor::obey(command& what) {
  return obey_at_once(what) || obey_sink_of_pipe(what) || obey_question(what) ||
         obey_option(what) || obey_parting(what) || obey_source_of_pipe(what) ||
         obey_while_open(what);
}

// All only append to what is to be sent: what comes of it is told in a later turn.
bool connection_actor::obey_at_once(command& what) {
  if (auto* plain = what.sent_plainly<write>()) {
    begin_plain_write(std::move(plain->bytes));
    return true;
  }
  if (what.is<write>()) {
    auto asker = what.asker();
    begin_write(what.take<write>().bytes, std::move(asker));
    return true;
  }
  if (what.is<write_text>()) {
    auto asker = what.asker();
    begin_write_text(*what.as<write_text>(), std::move(asker));
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
    answer(asker, addresses{local(), remote_});
  else
    answer(asker, info());
  return true;
}

bool connection_actor::obey_while_open(command& what) {
  if (what.is<pause>() || what.is<resume>()) {
    begin_pause(what.is<resume>(), what.asker());
    return true;
  }
  void (connection_actor::*then)(command&) = nullptr;
  if (what.is<destroy>())
    then = &connection_actor::obey_destroy;
  else if (what.is<reset>())
    then = &connection_actor::obey_reset;
  else if (what.is<set_handler>())
    then = &connection_actor::obey_set_handler;
  else if (what.is<set_encoding>())
    then = &connection_actor::obey_set_encoding;
  else if (what.is<set_timeout>())
    then = &connection_actor::obey_set_timeout;
  else if (what.is<set_lifetime>())
    then = &connection_actor::obey_set_lifetime;
  else if (what.is<wind_down>())
    then = &connection_actor::obey_wind_down;
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

bool connection_actor::obey_parting(command& what) {
  if (!what.is<finish_then_destroy>())
    return false;
  auto asker = what.asker();
  auto given = what.take<finish_then_destroy>();
  if (life_ == life::closed || !broke_) {
    begin_parting(std::move(given), std::move(asker));
  } else { // nothing can be sent any more
    answer_error(asker, *broke_);
    break_with(*broke_);
  }
  return true;
}

void connection_actor::obey_set_handler(command& what) {
  change_handler(what.take<set_handler>().handler);
}

void connection_actor::obey_set_encoding(command& what) {
  if (!decoding_)
    decoding_ = std::make_unique<decoding>();
  decoding_->change(what.as<set_encoding>()->encoding);
  if (somebody_takes() && has_handler())
    deliver_cut_off();
}

void connection_actor::obey_set_timeout(command& what) {
  start_idle_timer(std::chrono::milliseconds(what.as<set_timeout>()->idle_ms));
}

void connection_actor::obey_set_lifetime(command& what) {
  limit_lifetime(std::chrono::milliseconds(what.as<set_lifetime>()->remaining_ms));
}

// Who has finished, or parts, is on its way already; who is not connected has nobody to part from.
void connection_actor::obey_wind_down(command& what) {
  if (life_ != life::open)
    return conclude(close_reason::destroyed, destroyed_error());
  if (writing_ == writing::open && parting_ == parting::no)
    tell(draining{self(), what.as<wind_down>()->deadline_ms, finish_when_handled()});
}

connection_info connection_actor::info() {
  note_acknowledged();
  return {bytes_read_,
          ledger_.bytes_asked(),
          ledger_.bytes_taken(),
          acknowledged_,
          life_ == life::closed || broke_ ? 0 : ledger_.queued(),
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
