// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"

#include <utility>

// The sending half of a connection.
namespace actornet {

std::optional<error> connection_actor::reason_not_to_write() const {
  if (life_ == life::closed)
    return not_connected_error();
  if (writing_ == writing::broken)
    return *broke_;
  if (writing_ != writing::open)
    return finished_error();
  return std::nullopt;
}

std::optional<error> connection_actor::reason_not_to_write(std::size_t bytes) const {
  if (auto why = reason_not_to_write())
    return why;
  if (ledger_.queued() + bytes > settings_->write_queue_bytes_max)
    return error::of(trouble::refused_by_limit, "write", "the write queue is full");
  return std::nullopt;
}

void connection_actor::begin_write(chunk&& bytes, responder&& asker) {
  auto size = bytes.size();
  if (auto why = reason_not_to_write(size))
    return refuse_write(size, asker, *why);
  bool must_be_judged = ledger_.add(size, std::move(asker), settings_->high_water_mark_bytes);
  hand_over(std::move(bytes));
  if (must_be_judged && send_blocked_)
    queue_was_judged(ledger_.judge(settings_->high_water_mark_bytes));
  else
    judging_ = judging_ || must_be_judged;
  if (size == 0 && socket_)
    ledger_.complete([this](auto& done) { complete(done); });
}

void connection_actor::hand_over(chunk&& bytes) {
  if (socket_)
    socket_->send(std::move(bytes));
  else
    early().writes.push_back(std::move(bytes));
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
  else if (life_ != life::closed)
    tell(write_failed{self(), bytes, why});
}

void connection_actor::begin_finish(chunk&& last, responder&& asker) {
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
  if (ledger_.empty() && std::exchange(judging_, false))
    ledger_.judge(settings_->high_water_mark_bytes);
  if (ledger_.queued() <= settings_->low_water_mark_bytes)
    tell_drain_if_due();
}

void connection_actor::on_send_blocked() {
  send_blocked_ = true;
  if (is_idle_timed()) {
    has_new_acknowledgement();
    look_again_soon();
  }
  if (std::exchange(judging_, false))
    queue_was_judged(ledger_.judge(settings_->high_water_mark_bytes));
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
  if (std::exchange(drain_due_, false))
    tell(drain{self()});
}

void connection_actor::on_finished() {
  writing_ = writing::finished;
  for (auto& each : std::exchange(finish_askers_, {}))
    answer_done(each);
  if (parting_ != parting::no)
    return linger_on();
  close_if_over();
}

void connection_actor::on_send_failed(const error& why) {
  if (writing_ == writing::broken)
    return; // it broke when receiving did, and what had arrived is being passed on
  writing_ = writing::broken;
  broke_ = std::make_unique<error>(why.at(remote_));
  if ((!receiving_ && !pumping_) || parting_ != parting::no)
    return break_with(*broke_);
  // What arrived before the connection broke is still told; then the reading side says the rest.
  fail_writes(*broke_);
}

} // namespace actornet
