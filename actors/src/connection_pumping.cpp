// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"
#include "file_sink_actor.hpp"

#include <utility>

// The fast path beneath a pipe: where one file of this loop, and nobody else, gets the bytes, the
// kernel moves them. What is asked for meanwhile that has to know the exact count, or changes who
// gets the bytes, waits until the pump has stopped; what that gives back is held as if it had just
// been received.
namespace actornet {

void connection_actor::try_to_pump() {
  const bool may = life_ == life::open && socket_ && parting_ == parting::no && !read_over_ &&
                   !broke_ && home().has_short_cuts();
  if (!may || !is_piped() || !somebody_takes() || !held_.empty())
    return;
  auto to = outlets_->sole_taker();
  if (!to || to.id() == never_pumped_)
    return;
  auto* target = file_sink_actor::behind(to, home());
  auto file = target ? target->share_with_pump() : nullptr;
  if (!file)
    return;
  if (std::exchange(receiving_, false))
    socket_->stop_receiving();
  auto started = home().backend().start_pump(*socket_, std::move(file), *this);
  if (!started) {
    never_pumped_ = to.id();
    return;
  }
  pumping_ = std::make_unique<pumping>();
  pumping_->pump = std::move(*started);
  pumping_->to = std::move(to);
  pumping_->target = target;
  target->pump_begins(*this);
}

// Not at once when there is a pump: true, and it will be done when that has stopped.
bool connection_actor::wait_for_pump(std::function<void()> then) {
  if (!pumping_)
    return false;
  pumping_->then.push_back(std::move(then));
  if (!std::exchange(pumping_->is_stopping, true))
    pumping_->pump->stop();
  return true;
}

void connection_actor::stop_pump() {
  wait_for_pump([] {});
}

// What the pump holds is dropped; who waited for it goes on.
void connection_actor::drop_pump() {
  auto last = std::exchange(pumping_, nullptr);
  if (!last)
    return;
  last->pump.reset();
  last->target->pump_ends(*this);
  for (auto& each : last->then)
    each();
}

void connection_actor::on_moved(std::size_t bytes) {
  bytes_read_ += bytes;
  touch();
  if (deadlines_)
    deadlines_->what.has_first_byte();
  outlets_->pumped(bytes);
  pumping_->target->pumped(bytes);
}

void connection_actor::on_source_end() {
  pumping_->source_ended = true;
  stop_pump();
}

void connection_actor::on_source_failed(const error& why) {
  pumping_->source_failure = std::make_unique<error>(why);
  stop_pump();
}

void connection_actor::on_sink_failed(const error& why) {
  pumping_->sink_failure = std::make_unique<error>(why);
  stop_pump();
}

void connection_actor::on_refused(const error&) {
  never_pumped_ = pumping_->to.id();
  stop_pump();
}

void connection_actor::on_stopped(std::vector<chunk> taken_back) {
  auto last = std::exchange(pumping_, nullptr);
  last->pump.reset();
  last->target->pump_ends(*this);
  for (const auto& each : taken_back)
    bytes_read_ += each.size();
  held_.put_before(std::move(taken_back));
  if (last->sink_failure) {
    last->target->pump_failed(*last->sink_failure);
    outlets_->sink_failed(last->to, last->target->why_closed());
    pipes_changed();
  }
  // In the order in which they were asked for, before anything flows again.
  for (auto& each : last->then)
    each();
  if (life_ == life::closed)
    return;
  if (last->source_ended)
    on_end();
  else if (last->source_failure)
    on_receive_failed(*last->source_failure);
  if (life_ != life::closed)
    deliver_held();
}

} // namespace actornet
