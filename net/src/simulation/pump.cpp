// SPDX-License-Identifier: BSD-3-Clause
#include "pump.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

namespace actornet::net::simulation {

namespace {

constexpr std::size_t pipe_bytes = 64 * 1024;

error given_up(std::string_view syscall, const file_end& file) {
  auto why = error::system(ECANCELED, syscall);
  why.address = file.path;
  return why;
}

} // namespace

void pump::read_from(stream* what) {
  from_stream_ = what;
  what->tap_receiving(this);
  home_.call_next_turn(*this);
}

void pump::read_from(file_end_ptr what) {
  from_file_ = std::move(what);
  home_.call_next_turn(*this);
}

void pump::write_to(stream* what) {
  to_stream_ = what;
  what->tap_sending(this);
}

void pump::write_to(file_end_ptr what) { to_file_ = std::move(what); }

// -- turns ----------------------------------------------------------------------------------------

void pump::on_turn() {
  if (phase_ == phase::stopping) {
    tell_moved();
    if (!closed)
      answer_stop();
    return;
  }
  if (!is_moving())
    return;
  take_in();
  give_out();
  tell_moved();
  if (is_moving() && std::exchange(is_blocked_, false))
    events_.on_blocked();
  if (is_moving())
    tell_outcome();
}

void pump::tell_moved() {
  const auto bytes = std::exchange(moved_, 0);
  if (bytes == 0)
    return;
  home_.home().note("pumped " + std::to_string(bytes));
  events_.on_moved(bytes);
}

void pump::tell_outcome() {
  if (sink_failure_) {
    phase_ = phase::over;
    if (sink_failure_->number == EINVAL && !has_moved_)
      return events_.on_refused(*sink_failure_);
    return events_.on_sink_failed(*sink_failure_);
  }
  if (!source_over_ || !inside_.empty())
    return;
  phase_ = phase::over;
  if (from_stream_ != nullptr)
    from_stream_->receiving_is_over();
  if (source_failure_)
    events_.on_source_failed(*source_failure_);
  else
    events_.on_source_end();
}

// -- in -------------------------------------------------------------------------------------------

void pump::take_in() {
  if (source_over_ || inside_.size() >= pipe_bytes)
    return;
  if (from_stream_ != nullptr)
    take_from_stream();
  else
    ask_file_for_more();
}

void pump::take_from_stream() {
  auto& end = from_stream_->end();
  auto& dice = home_.home().dice();
  if (auto count = std::min(end.readable_bytes(), pipe_bytes - inside_.size()); count > 0) {
    if (dice.chance(home_.home().chosen().partial_receive_chance))
      count = dice.between(1, count);
    std::string bytes(count, '\0');
    end.read(std::as_writable_bytes(std::span(bytes)));
    inside_.push(bytes);
    return home_.call_next_turn(*this);
  }
  if (end.broken() != 0 && end.readable_bytes() == 0)
    source_failure_ = error::system(end.broken(), "read");
  source_over_ = end.at_end() || source_failure_;
}

void pump::ask_file_for_more() {
  if (std::exchange(reads_file_, true))
    return;
  auto step = [this, self = shared_from_this()] {
    reads_file_ = false;
    if (!is_moving())
      return true;
    auto bytes = from_file_->read(pipe_bytes - inside_.size());
    source_over_ = !bytes || bytes->empty();
    if (bytes)
      inside_.push(*bytes);
    else
      source_failure_ = std::move(bytes.error());
    home_.call_next_turn(*this);
    return true;
  };
  auto drop = [this, self = shared_from_this()] {
    source_over_ = true;
    source_failure_ = given_up("read", *from_file_);
    if (!closed)
      home_.call_next_turn(*this);
  };
  from_file_->submit({std::move(step), std::move(drop)});
}

// -- out ------------------------------------------------------------------------------------------

void pump::give_out() {
  if (to_stream_ != nullptr)
    give_to_stream();
  else if (!inside_.empty())
    ask_file_to_take();
}

void pump::give_to_stream() {
  auto& end = to_stream_->end();
  if (inside_.empty())
    return;
  if (end.broken() != 0) {
    sink_failure_ = error::system(to_stream_->break_sending(), "write");
    return;
  }
  auto& dice = home_.home().dice();
  auto most = std::min(inside_.size(), end.room());
  if (most > 1 && dice.chance(home_.home().chosen().partial_send_chance))
    most = dice.between(1, most);
  // With no room it is asked all the same, so that the pump is told when there is some.
  const auto taken = end.write(inside_.view().substr(0, std::max<std::size_t>(most, 1)));
  inside_.pop(taken);
  moved_ += taken;
  has_moved_ = has_moved_ || taken > 0;
  is_blocked_ = !inside_.empty() && end.room() == 0;
  if (taken > 0)
    home_.call_next_turn(*this);
}

void pump::ask_file_to_take() {
  if (std::exchange(writes_file_, true))
    return;
  auto step = [this, self = shared_from_this()] {
    writes_file_ = false;
    if (!is_moving())
      return true;
    if (auto count = to_file_->write(inside_.view())) {
      inside_.pop(*count);
      moved_ += *count;
      has_moved_ = true;
    } else {
      sink_failure_ = std::move(count.error());
    }
    home_.call_next_turn(*this);
    return true;
  };
  auto drop = [this, self = shared_from_this()] {
    sink_failure_ = given_up("write", *to_file_);
    if (!closed)
      home_.call_next_turn(*this);
  };
  to_file_->submit({std::move(step), std::move(drop)});
}

// -- the end --------------------------------------------------------------------------------------

void pump::stop() {
  phase_ = phase::stopping;
  release_sink();
  home_.call_next_turn(*this);
}

void pump::answer_stop() {
  phase_ = phase::stopped;
  let_go_of_streams();
  std::vector<chunk> taken;
  if (!inside_.empty())
    taken.push_back(chunk::from(inside_.take(inside_.size())));
  events_.on_stopped(std::move(taken));
}

void pump::release_sink() {
  if (auto* stream = std::exchange(to_stream_, nullptr))
    stream->tap_sending(nullptr);
}

void pump::let_go_of_streams() {
  release_sink();
  if (auto* stream = std::exchange(from_stream_, nullptr))
    stream->tap_receiving(nullptr);
}

void pump::close() {
  let_go_of_streams();
  let_go();
}

} // namespace actornet::net::simulation
