// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include <utility>

// The receiving half of a connection.
namespace actornet {

void connection_actor::update_reading() {
  const bool has_taker = parting_ != parting::no || (somebody_takes() && held_.empty());
  bool wanted =
      life_ == life::open && socket_ && has_taker && !window_full_ && !read_over_ && !awaits_pump();
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
  if (deadlines_)
    deadlines_->what.has_first_byte();
  if (parting_ != parting::no)
    return;
  if (!outlets_ && has_handler() && !paused_ && held_.empty() && !decoding_)
    tell_now(data{self(), std::move(bytes)});
  else
    hold_or_pass_on(std::move(bytes));
  if (!window_->has_room_or_wait()) {
    window_full_ = true;
    update_reading();
  }
}

void connection_actor::hold_or_pass_on(chunk&& bytes) {
  if (!somebody_takes() || !held_.empty())
    held_.push_back(std::move(bytes));
  else if (is_piped())
    deliver_to_pipes(std::move(bytes));
  else if (!decoding_)
    tell_now(data{self(), std::move(bytes)});
  else if (auto event = decoded(std::move(bytes)); !event.text.empty())
    tell_now(std::move(event));
}

void connection_actor::room_in_window() {
  if (life_ == life::closed)
    return;
  window_full_ = !window_->has_room_or_wait();
  update_reading();
}

void connection_actor::deliver_held() {
  if (somebody_takes()) {
    if (has_handler())
      deliver_cut_off();
    for (auto& each : held_.take())
      if (is_piped())
        deliver_to_pipes(std::move(each));
      else
        deliver(std::move(each));
    pass_on_end();
    try_to_pump();
  }
  update_reading();
}

void connection_actor::deliver(chunk bytes) {
  if (!decoding_)
    tell(data{self(), std::move(bytes)});
  else if (auto event = decoded(std::move(bytes)); !event.text.empty())
    tell(std::move(event));
}

void connection_actor::pass_on_end() {
  if (!read_over_ || broke_ || life_ != life::open)
    return;
  if (is_piped())
    outlets_->end();
  else if (!end_told_)
    deliver_end();
}

text_data connection_actor::decoded(chunk bytes) {
  auto text = decoding_->decode(bytes.view());
  return {self(), std::move(text), decoding_->encoding(), std::move(bytes)};
}

// What a handler that was not ready could not be told when the encoding changed.
void connection_actor::deliver_cut_off() {
  if (!decoding_)
    return;
  if (auto rest = decoding_->take_cut_off())
    tell(text_data{self(), std::move(rest->text), rest->encoding, {}});
  if (!decoding_->is_on())
    decoding_.reset();
}

void connection_actor::on_end() {
  read_over_ = true;
  receiving_ = false;
  if (broke_)
    return break_when_passed_on(*broke_);
  touch();
  if (parting_ != parting::no) {
    end_told_ = true;
    close_if_over();
  } else if (somebody_takes() && held_.empty()) {
    pass_on_end();
  }
}

void connection_actor::deliver_end() {
  end_told_ = true;
  if (decoding_) {
    decoding_->change(std::nullopt);
    deliver_cut_off();
  }
  if (writing_ == writing::open && !settings_->allow_half_open) {
    tell_now(end{self(), finish_when_handled()});
  } else {
    tell_now(end{self(), nullptr});
  }
  close_if_over();
}

std::shared_ptr<const void> connection_actor::finish_when_handled() {
  auto then = later(*this, &connection_actor::end_was_handled);
  // The pointer means nothing: what counts is that the last copy of the event takes it along.
  return {settings_.get(), [then](const void*) { then(); }};
}

void connection_actor::end_was_handled() {
  if (life_ == life::open && writing_ == writing::open)
    finish_writing();
}

void connection_actor::on_receive_failed(const error& why) {
  if (is_held_up()) {
    if (!broke_)
      sending_broke(why);
    return;
  }
  read_over_ = true;
  receiving_ = false;
  break_when_passed_on(broke_ ? error(*broke_) : why.at(remote_));
}

// It does not read only because the handler, or the sink, is slow, or not ready, which loses
// nothing by that.
bool connection_actor::is_held_up() const noexcept {
  if (receiving_ || read_over_ || parting_ != parting::no)
    return false;
  const bool sink_is_not_ready = is_piped() && !paused_ && !pump_ && !outlets_->takes();
  return sink_is_not_ready || ((window_full_ || awaits_pump()) && somebody_takes());
}

} // namespace actornet
