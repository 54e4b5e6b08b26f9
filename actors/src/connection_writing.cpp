// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"

#include <utility>

// The sending half of a connection.
namespace actornet {

bool connection_actor::may_write(std::size_t bytes) const noexcept {
  return life_ != life::closed && writing_ == writing::open &&
         ledger_.queued() + bytes <= settings_->write_queue_bytes_max;
}

std::optional<error> connection_actor::reason_not_to_write() const {
  if (life_ == life::closed)
    return not_connected_error();
  if (writing_ == writing::broken)
    return *broke_;
  if (writing_ != writing::open)
    return finished_error();
  return std::nullopt;
}

error connection_actor::reason_to_refuse() const {
  return reason_not_to_write().value_or(
      error::of(trouble::refused_by_limit, "write", "the write queue is full"));
}

void connection_actor::begin_plain_write(chunk&& bytes) {
  if (!may_write(bytes.size()))
    return refuse_plain_write(bytes.size());
  const bool must_be_judged = ledger_.add(bytes.size(), settings_->high_water_mark_bytes);
  hand_over(std::move(bytes), must_be_judged);
}

void connection_actor::begin_write(chunk&& bytes, responder&& asker) {
  const auto size = bytes.size();
  if (!may_write(size))
    return refuse_write(size, asker, reason_to_refuse());
  const auto mark = settings_->high_water_mark_bytes;
  const bool must_be_judged =
      asker ? ledger_.add(size, std::move(asker), mark) : ledger_.add(size, mark);
  hand_over(std::move(bytes), must_be_judged);
}

void connection_actor::hand_over(chunk&& bytes, bool must_be_judged) {
  const auto size = bytes.size();
  stop_inflow();
  if (socket_)
    socket_->send(std::move(bytes));
  else
    early().writes.push_back(std::move(bytes));
  if (must_be_judged || size == 0)
    judge_or_complete(size, must_be_judged);
}

void connection_actor::judge_or_complete(std::size_t size, bool must_be_judged) {
  if (must_be_judged && send_blocked_)
    queue_was_judged(ledger_.judge(settings_->high_water_mark_bytes));
  else
    judging_ = judging_ || must_be_judged;
  if (size == 0 && socket_)
    ledger_.complete([this](auto& done) { complete(done); });
}

void connection_actor::begin_write_text(const write_text& what, responder&& asker) {
  auto bytes = net::encode(what.text, what.encoding);
  if (!bytes)
    return refuse_write(what.text.size(), asker, bytes.error());
  begin_write(std::move(*bytes), std::move(asker));
}

void connection_actor::refuse_write(std::uint64_t bytes, responder& asker, const error& why) {
  if (asker)
    answer_error(asker, why);
  else
    tell_write_failed(bytes, why);
}

void connection_actor::refuse_plain_write(std::uint64_t bytes) {
  tell_write_failed(bytes, reason_to_refuse());
}

void connection_actor::tell_write_failed(std::uint64_t bytes, const error& why) {
  if (life_ != life::closed)
    tell(write_failed{self(), bytes, why});
}

void connection_actor::begin_finish(chunk&& last, responder&& asker) {
  if (life_ == life::closed)
    return answer_error(asker, not_connected_error());
  if (!last.empty() && !may_write(last.size()))
    return refuse_write(last.size(), asker, reason_to_refuse());
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
  stop_inflow();
  if (socket_)
    socket_->finish();
}

void connection_actor::on_sent(std::size_t bytes) {
  touch();
  send_blocked_ = false;
  ledger_.taken(bytes, [this](auto& done) { complete(done); });
  if (deadlines_) {
    deadlines_->what.write_got_on(home().now(), !ledger_.empty());
    await_deadline();
  }
  if (ledger_.empty() && std::exchange(judging_, false))
    ledger_.judge(settings_->high_water_mark_bytes);
  tell_drain_if_due();
}

void connection_actor::on_send_blocked() {
  send_blocked_ = true;
  write_waits();
  if (std::exchange(judging_, false))
    queue_was_judged(ledger_.judge(settings_->high_water_mark_bytes));
}

void connection_actor::write_waits() {
  if (deadlines_) {
    deadlines_->what.write_waits(home().now());
    await_deadline();
  }
  if (is_idle_timed()) {
    has_new_acknowledgement();
    look_again_soon();
  }
}

void connection_actor::queue_was_judged(bool full) {
  drain_due_ = (drain_due_ || full) && writing_ == writing::open;
}

void connection_actor::complete(write_ledger::entry& done) {
  if (done.is_refused)
    answer(done.asker, transferred{0, true, finished_error()});
  else if (done.is_piped)
    answer(done.asker, transferred{done.bytes, false, {}});
  else
    answer(done.asker, written{done.bytes, done.keep_going, ledger_.queued()});
}

void connection_actor::tell_drain_if_due() {
  if (!drain_due_ || ledger_.queued() > settings_->low_water_mark_bytes)
    return;
  drain_due_ = false;
  // Answered from now on, they must not have anybody wait for another drain.
  ledger_.release();
  tell(drain{self()});
}

void connection_actor::on_finished() {
  writing_ = writing::finished;
  for (auto& each : finish_askers_.take())
    answer_done(each);
  if (parting_ != parting::no)
    return linger_on();
  close_if_over();
}

void connection_actor::on_send_failed(const error& why) {
  if (broke_)
    return; // the reading side was first
  sending_broke(why);
  if (parting_ != parting::no || !(receiving_ || pump_ || is_held_up()))
    break_with(*broke_);
}

// What arrived before the connection broke is still told; then the reading side says the rest.
void connection_actor::sending_broke(const error& why) {
  writing_ = writing::broken;
  broke_ = std::make_unique<error>(why.at(remote_));
  fail_writes(*broke_);
}

} // namespace actornet
