// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"
#include "longest_wait.hpp"
#include "made_handler.hpp"
#include "stop_list.hpp"

#include <actornet/error.hpp>

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <cassert>
#include <cerrno>
#include <exception>

namespace actornet {

namespace {

close_reason reason_of(const error& broke) {
  if (broke.kind == trouble::handler_failed)
    return close_reason::handler_failed;
  // Linux says EPIPE of a reset that comes behind the peer's FIN (tcp_reset in tcp_input.c).
  const bool by_peer = broke.number == ECONNRESET || broke.number == EPIPE;
  return broke.kind == trouble::system && by_peer ? close_reason::reset_by_peer
                                                  : close_reason::failed;
}

} // namespace

// -- birth ----------------------------------------------------------------------------------------

connection_actor::connection_actor(caf::actor_config& cfg, io_loop& home, settings_ptr settings,
                                   bool counts)
    : handled_endpoint(cfg, home), settings_(std::move(settings)),
      idle_timeout_(at_longest(settings_->idle_timeout)), paused_(settings_->pause_on_connect) {
  if (settings_->encoding)
    decoding_ = std::make_unique<decoding>(settings_->encoding);
  if (counts)
    register_at_system();
}

connection connection_actor::spawn(io_loop& home, settings_ptr settings, bool counts) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<connection_actor, connection>(
      system.next_actor_id(), system.node(), &system, cfg, home, std::move(settings), counts);
}

std::set<std::string> connection_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<connection>{});
}

void connection_actor::come_alive(life next) {
  life_ = next;
  begin();
  home().adopt(*this);
  window_ = net::make_receive_window(settings_->receive_window_bytes,
                                     later(*this, &connection_actor::room_in_window),
                                     home().receive_budget());
  if (!has_handler()) // who heard `accepted` may have given one already
    make_handler();
  if (life_ == life::closed)
    return;
  touch();
  if (!lifetime_) // who heard `accepted` may have set one already
    limit_lifetime(settings_->lifetime_max);
  watch_for_abort();
}

void connection_actor::start_accepted(net::accepted_stream stream) {
  if (life_ == life::closed) // destroyed by who heard `accepted` on another thread
    return;
  auto added = home().backend().add_stream(std::move(stream.socket), settings_->socket, *this);
  come_alive(life::open);
  if (life_ == life::closed)
    return;
  if (!added)
    return break_with(added.error());
  socket_ = std::move(*added);
  become_open(std::move(stream.local), std::move(stream.remote));
}

void connection_actor::start_connecting(connect_plan plan) {
  if (life_ == life::closed)
    return;
  come_alive(life::connecting);
  if (life_ == life::closed)
    return;
  attempt_ = std::make_unique<connect_attempt>(home(), std::move(plan),
                                               static_cast<connect_outcome&>(*this));
  attempt_->start();
}

void connection_actor::make_handler() {
  try {
    change_handler(handler_of(home(), settings_->handlers, settings_->made, self()));
  } catch (const std::exception& thrown) {
    break_with(error::of(trouble::handler_failed, "", thrown.what()));
  } catch (...) {
    break_with(error::of(trouble::handler_failed, "", "the handler's factory threw"));
  }
}

void connection_actor::on_established(net::stream_socket_ptr socket, const endpoint& local,
                                      const endpoint& remote) {
  attempt_.reset();
  socket_ = std::move(socket);
  socket_->set_events(*this);
  life_ = life::open;
  become_open(local, remote);
}

// Who pipes to it may come later, and is to hear why.
void connection_actor::on_not_established(const error& why) {
  broke_ = std::make_unique<error>(why);
  break_with(*broke_);
}

void connection_actor::become_open(endpoint local, endpoint remote) {
  local_ = home().share(std::move(local));
  remote_ = std::move(remote);
  socket_->set_receive_window(window_);
  touch();
  start_deadlines();
  obey_early_commands();
  ledger_.complete([this](auto& done) { complete(done); }); // empty ones, with nothing before them
  if (writing_ == writing::finishing)
    socket_->finish();
  update_reading();
  tell_now(
      connected{self(), *local_, remote_}); // last: its answer goes behind what was sent before
}

// -- the handler ----------------------------------------------------------------------------------

void connection_actor::change_handler(caf::actor next) {
  take_handler(std::move(next));
  if (has_handler() && socket_)
    tell(connected{self(), *local_, remote_});
  deliver_held();
}

void connection_actor::handler_died(const caf::error& reason) {
  if (life_ == life::closed)
    return;
  if (life_ == life::connecting || (reason && reason != caf::exit_reason::normal))
    return conclude(close_reason::handler_failed,
                    error::of(trouble::handler_failed, "",
                              "the handler died: " + home_system().render(reason)));
  // It quit in order: what it wrote still leaves.
  part_abandoned();
}

// -- the end --------------------------------------------------------------------------------------

void connection_actor::close_if_over() {
  if (read_over_ && end_told_ && writing_ == writing::finished && !is_piped())
    conclude(close_reason::ended, destroyed_error());
}

void connection_actor::break_with(const error& why) {
  // A copy: it may be of those that are let go.
  conclude(reason_of(why), error(why), true);
}

void connection_actor::shut_down() {
  conclude(close_reason::shut_down, error::of(trouble::shut_down, "", "the runtime ends"));
}

// Those of a listener are stopped by it.
void connection_actor::collect_for_stop(stop_list& into) {
  if (!settings_->on_gone)
    into.connections.push_back(self());
}

void connection_actor::exit_requested(const caf::error& reason) {
  if (life_ == life::closed)
    return;
  auto why = error_of(reason);
  conclude(close_reason::handler_failed,
           why ? *why : error::of(trouble::handler_failed, "", "a linked actor died"));
}

void connection_actor::fail_writes(const error& why) {
  const auto plain = ledger_.give_up([&](write_ledger::entry& lost) {
    if (lost.is_piped)
      answer(lost.asker, transferred{ledger_.taken_of(lost), true, why});
    else
      answer_error(lost.asker, why);
  });
  if (plain > 0)
    tell(write_failed{self(), plain, why});
  for (auto& each : finish_askers_.take())
    answer_error(each, why);
  if (auto early = std::exchange(early_, nullptr)) {
    for (auto& [option, asker] : early->options)
      answer_error(asker, why);
    for (auto& asker : early->joins)
      answer_error(asker, why);
  }
}

void connection_actor::conclude(close_reason why, const error& cut_off, bool broke) {
  assert(life_ != life::closed);
  caf::strong_actor_ptr alive(ctrl());
  life_ = life::closed;
  home().timers().disarm(*this);
  lifetime_.reset();
  deadlines_.reset();
  abort_.reset();
  if (window_)
    window_->stop_waiting();
  attempt_.reset();
  if (inflow_ != nullptr)
    inflow_->sink_closes(cut_off);
  drop_pump();
  if (socket_ && why == close_reason::reset_by_us)
    socket_.release()->reset();
  socket_.reset();
  held_.clear();
  decoding_.reset();
  fail_writes(cut_off);
  if (outlets_)
    outlets_->source_gone(cut_off);
  sources_.reset();
  if (broke)
    tell(failed{self(), cut_off});
  tell(closed{self(), broke, why, bytes_read_, ledger_.bytes_taken()});
  forget_handler();
  if (settings_->on_gone)
    settings_->on_gone(id(),
                       why == close_reason::handler_failed ? std::optional(cut_off) : std::nullopt);
  // A handle may be kept for ever; what handlers are made of need not.
  settings_.reset();
  retire(exit_reason(why, cut_off));
}

caf::error connection_actor::exit_reason(close_reason why, const error& cut_off) {
  switch (why) {
  case close_reason::ended:
  case close_reason::destroyed:
  case close_reason::reset_by_us:
    break;
  case close_reason::reset_by_peer:
  case close_reason::failed:
  case close_reason::handler_failed:
    return to_caf(cut_off);
  case close_reason::shut_down:
    return caf::exit_reason::user_shutdown;
  }
  return caf::exit_reason::normal;
}

} // namespace actornet
