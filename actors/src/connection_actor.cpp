// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_handler.hpp"

#include <actornet/error.hpp>

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <cassert>
#include <exception>

namespace actornet {

namespace {

// How long a connection whose handler has quit may take to send what it was given.
constexpr std::chrono::seconds abandoned_linger{30};

error destroyed_error() {
  return error::of(trouble::destroyed, "write", "cut off by destroy");
}

error not_connected_error() {
  return error::of(trouble::not_connected, "", "there is no such connection any more");
}

} // namespace

// -- birth ----------------------------------------------------------------------------------------

connection_actor::connection_actor(caf::actor_config& cfg, io_loop& home, settings_ptr settings,
                                   bool counts)
    : endpoint_actor(cfg, home), settings_(std::move(settings)),
      idle_timeout_(settings_->idle_timeout), paused_(settings_->pause_on_connect) {
  if (counts)
    register_at_system();
}

connection connection_actor::spawn(io_loop& home, settings_ptr settings, bool counts) {
  auto& system = home.system();
  caf::actor_config cfg;
  return caf::make_actor<connection_actor, connection>(system.next_actor_id(), system.node(),
                                                       &system, cfg, home, std::move(settings),
                                                       counts);
}

std::set<std::string> connection_actor::message_types() const {
  return home_system().message_types(caf::detail::type_list<connection>{});
}

void connection_actor::come_alive(life next) {
  life_ = next;
  home().adopt(*this);
  window_ = net::make_receive_window(settings_->receive_window_bytes,
                                     later(*this, &connection_actor::room_in_window));
  make_handler();
  if (life_ != life::closed)
    touch();
}

void connection_actor::start_accepted(net::accepted_stream stream, farewell on_gone) {
  on_gone_ = std::move(on_gone);
  auto added = home().backend().add_stream(std::move(stream.socket), settings_->stream, *this);
  come_alive(life::open);
  if (life_ == life::closed)
    return;
  if (!added)
    return break_with(added.error());
  socket_ = std::move(*added);
  become_open(std::move(stream.local), std::move(stream.remote));
}

void connection_actor::start_connecting(connect_plan plan) {
  come_alive(life::connecting);
  if (life_ == life::closed)
    return;
  attempt_ = std::make_unique<connect_attempt>(home(), std::move(plan),
                                               static_cast<connect_outcome&>(*this));
  attempt_->start();
}

void connection_actor::make_handler() {
  const auto& kind = settings_->made->kind();
  try {
    if (auto* shared = std::get_if<caf::actor>(&kind))
      change_handler(*shared);
    else if (auto* factory = std::get_if<handler::factory>(&kind))
      change_handler((*factory)(home_system(), self()));
    else
      change_handler(
          connection_handler::spawn(home(), settings_->handlers, settings_->made, self()));
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

void connection_actor::on_not_established(const error& why) { break_with(why); }

void connection_actor::become_open(endpoint local, endpoint remote) {
  local_ = std::move(local);
  remote_ = std::move(remote);
  socket_->set_receive_window(window_);
  touch();
  greet_handler();
  for (auto& each : std::exchange(before_connect_, {}))
    socket_->send(std::move(each));
  if (writing_ == writing::finishing)
    socket_->finish();
  update_reading();
}

// -- the handler ----------------------------------------------------------------------------------

template <class Event>
void connection_actor::tell(Event event) {
  if (handler_)
    // No sender, so that nothing a handler does with an event by mistake comes back here, and no
    // unit, so that the handler runs where it is at home.
    handler_->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                                std::move(event)),
                      nullptr);
}

void connection_actor::change_handler(caf::actor next) {
  if (handler_)
    home().watches().remove(handler_, *this);
  handler_ = std::move(next);
  if (handler_)
    home().watches().add(handler_, *this);
  greet_handler();
  deliver_held();
}

void connection_actor::greet_handler() {
  if (socket_)
    tell(connected{self(), local_, remote_});
}

void connection_actor::handler_died(const caf::error& reason) {
  handler_ = nullptr;
  if (life_ == life::closed)
    return;
  if (life_ == life::connecting || (reason && reason != caf::exit_reason::normal))
    return conclude(std::nullopt, error::of(trouble::handler_failed, "", "the handler died"));
  // It quit in order: what it wrote still leaves, but not for ever.
  abandoned_ = true;
  update_reading();
  if (writing_ == writing::finished)
    return conclude(std::nullopt, destroyed_error());
  home().timers().arm(*this, home().now() + abandoned_linger);
  if (writing_ == writing::open)
    finish_writing();
}

// -- reading --------------------------------------------------------------------------------------

void connection_actor::update_reading() {
  bool wanted = life_ == life::open && socket_ && handler_is_ready() && !window_full_ &&
                !read_over_ && held_.empty();
  if (wanted == receiving_)
    return;
  receiving_ = wanted;
  if (wanted)
    socket_->start_receiving();
  else if (socket_)
    socket_->stop_receiving();
}

void connection_actor::on_received(chunk bytes) {
  bytes_read_ += bytes.size();
  touch();
  if (handler_is_ready() && held_.empty())
    tell(data{self(), std::move(bytes)});
  else
    held_.push_back(std::move(bytes));
  if (!window_->has_room_or_wait()) {
    window_full_ = true;
    update_reading();
  }
}

void connection_actor::room_in_window() {
  if (life_ == life::closed)
    return;
  window_full_ = !window_->has_room_or_wait();
  update_reading();
}

void connection_actor::deliver_held() {
  if (handler_is_ready()) {
    for (auto& each : std::exchange(held_, {}))
      tell(data{self(), std::move(each)});
    if (read_over_ && !end_told_ && !broke_ && life_ == life::open)
      deliver_end();
  }
  update_reading();
}

void connection_actor::on_end() {
  read_over_ = true;
  receiving_ = false;
  if (broke_)
    return break_with(*broke_);
  touch();
  if (handler_is_ready() && held_.empty())
    deliver_end();
}

void connection_actor::deliver_end() {
  end_told_ = true;
  if (writing_ == writing::open && !settings_->allow_half_open) {
    auto then = later(*this, &connection_actor::end_was_handled);
    // The pointer means nothing: what counts is that the last copy of the event takes it along.
    tell(end{self(), std::shared_ptr<const void>(settings_.get(), [then](const void*) { then(); })});
  } else {
    tell(end{self(), nullptr});
  }
  close_if_over();
}

void connection_actor::end_was_handled() {
  if (life_ == life::open && writing_ == writing::open)
    finish_writing();
}

void connection_actor::on_receive_failed(const error& why) {
  read_over_ = true;
  receiving_ = false;
  auto reason = broke_ ? std::move(*broke_) : why.at(remote_);
  break_with(reason);
}

// -- writing --------------------------------------------------------------------------------------

std::optional<error> connection_actor::reason_not_to_write(std::size_t bytes) const {
  if (life_ == life::closed)
    return not_connected_error();
  if (writing_ == writing::broken)
    return *broke_;
  if (writing_ != writing::open)
    return error::of(trouble::finished, "write", "the connection has finished writing");
  if (ledger_.queued() + bytes > settings_->write_queue_bytes_max)
    return error::of(trouble::refused_by_limit, "write", "the write queue is full");
  return std::nullopt;
}

void connection_actor::begin_write(chunk bytes, responder asker) {
  auto size = bytes.size();
  if (auto why = reason_not_to_write(size))
    return refuse_write(size, asker, *why);
  bool must_be_judged = ledger_.add(size, std::move(asker), settings_->high_water_mark_bytes);
  if (socket_)
    socket_->send(std::move(bytes));
  else
    before_connect_.push_back(std::move(bytes));
  if (must_be_judged && send_blocked_)
    queue_was_judged(ledger_.judge(settings_->high_water_mark_bytes));
  else
    judging_ = judging_ || must_be_judged;
  if (size == 0 && socket_)
    ledger_.complete([this](auto& done) { complete(done); });
}

void connection_actor::refuse_write(std::uint64_t bytes, responder& asker, const error& why) {
  if (asker)
    answer_error(asker, why);
  else if (life_ != life::closed)
    tell(write_failed{self(), bytes, why});
}

void connection_actor::begin_finish(chunk last, responder asker) {
  if (life_ == life::closed)
    return answer_error(asker, not_connected_error());
  if (auto why = last.empty() ? std::nullopt : reason_not_to_write(last.size())) {
    auto bytes = last.size();
    return refuse_write(bytes, asker, *why);
  }
  if (writing_ == writing::finished)
    return answer_done(asker);
  if (writing_ == writing::broken)
    return answer_error(asker, *broke_);
  if (!last.empty())
    begin_write(std::move(last), {});
  finish_askers_.push_back(std::move(asker));
  if (writing_ == writing::open)
    finish_writing();
}

void connection_actor::finish_writing() {
  writing_ = writing::finishing;
  drain_due_ = false;
  if (socket_)
    socket_->finish();
}

void connection_actor::on_sent(std::size_t bytes) {
  touch();
  send_blocked_ = false;
  ledger_.taken(bytes, [this](auto& done) { complete(done); });
  if (ledger_.empty()) {
    if (std::exchange(judging_, false))
      ledger_.judge(settings_->high_water_mark_bytes);
    tell_drain_if_due();
  }
}

void connection_actor::on_send_blocked() {
  send_blocked_ = true;
  if (std::exchange(judging_, false))
    queue_was_judged(ledger_.judge(settings_->high_water_mark_bytes));
}

void connection_actor::queue_was_judged(bool full) {
  drain_due_ = (drain_due_ || full) && writing_ == writing::open;
}

void connection_actor::complete(write_ledger::entry& done) {
  answer(done.asker, written{done.bytes, done.keep_going, ledger_.queued()});
}

void connection_actor::tell_drain_if_due() {
  if (std::exchange(drain_due_, false))
    tell(drain{self()});
}

void connection_actor::on_finished() {
  writing_ = writing::finished;
  for (auto& each : std::exchange(finish_askers_, {}))
    answer_done(each);
  if (abandoned_)
    return conclude(std::nullopt, destroyed_error());
  close_if_over();
}

void connection_actor::on_send_failed(const error& why) {
  writing_ = writing::broken;
  broke_ = std::make_unique<error>(why.at(remote_));
  if (!receiving_ || abandoned_)
    return break_with(*broke_);
  // What arrived before the connection broke is still told; then the reading side says the rest.
  fail_writes(*broke_);
}

// -- time -----------------------------------------------------------------------------------------

void connection_actor::start_idle_timer(std::chrono::milliseconds silence) {
  idle_timeout_ = silence;
  if (silence.count() > 0)
    touch();
  else if (!abandoned_)
    home().timers().disarm(*this);
}

void connection_actor::touch() {
  if (idle_timeout_.count() > 0 && !abandoned_)
    home().timers().arm(*this, home().now() + idle_timeout_);
}

void connection_actor::on_timer() {
  if (abandoned_)
    return conclude(std::nullopt, destroyed_error());
  tell(timeout{self()});
}

// -- the end --------------------------------------------------------------------------------------

void connection_actor::close_if_over() {
  if (read_over_ && end_told_ && writing_ == writing::finished)
    conclude(std::nullopt, destroyed_error());
}

void connection_actor::break_with(const error& why) {
  auto reason = why;
  conclude(reason, reason);
}

void connection_actor::shut_down() {
  conclude(std::nullopt, error::of(trouble::shut_down, "", "the runtime ends"));
}

void connection_actor::exit_requested(const caf::error& reason) {
  if (life_ == life::closed)
    return;
  auto why = error_of(reason);
  conclude(std::nullopt,
           why ? *why : error::of(trouble::handler_failed, "", "a linked actor died"));
}

void connection_actor::fail_writes(const error& why) {
  std::uint64_t plain = 0;
  ledger_.give_up([&](write_ledger::entry& lost) {
    if (lost.asker)
      answer_error(lost.asker, why);
    else
      plain += lost.bytes;
  });
  if (plain > 0)
    tell(write_failed{self(), plain, why});
  for (auto& each : std::exchange(finish_askers_, {}))
    answer_error(each, why);
}

void connection_actor::conclude(const std::optional<error>& broke, const error& cut_off,
                                bool with_reset) {
  assert(life_ != life::closed);
  caf::strong_actor_ptr alive(ctrl());
  life_ = life::closed;
  home().timers().disarm(*this);
  window_->stop_waiting();
  attempt_.reset();
  if (socket_ && with_reset)
    socket_.release()->reset();
  socket_.reset();
  before_connect_.clear();
  held_.clear();
  fail_writes(cut_off);
  if (broke)
    tell(failed{self(), *broke});
  tell(closed{self(), broke.has_value(), bytes_read_, ledger_.bytes_taken()});
  if (handler_)
    home().watches().remove(handler_, *this);
  handler_ = nullptr;
  if (on_gone_)
    std::exchange(on_gone_, nullptr)(id());
  retire(exit_reason(broke, cut_off));
}

caf::error connection_actor::exit_reason(const std::optional<error>& broke,
                                         const error& cut_off) const {
  if (broke)
    return to_caf(*broke);
  if (cut_off.kind == trouble::handler_failed)
    return to_caf(cut_off);
  if (cut_off.kind == trouble::shut_down)
    return caf::exit_reason::user_shutdown;
  return caf::exit_reason::normal;
}

} // namespace actornet
