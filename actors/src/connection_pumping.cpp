// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"

#include <utility>

// The fast path beneath pipes, from this connection and to it: see outlet_pump.hpp.
namespace actornet {

// -- the source -----------------------------------------------------------------------------------

pump_target::readiness connection_actor::readiness_to_pump() const noexcept {
  const bool may = life_ == life::open && socket_ && parting_ == parting::no && !read_over_ &&
                   !broke_ && held_.empty() && is_piped() && somebody_takes();
  return may ? outlets_->pump_readiness() : readiness::no;
}

void connection_actor::try_to_pump() {
  if (readiness_to_pump() != readiness::ready)
    return;
  if (std::exchange(receiving_, false))
    socket_->stop_receiving();
  pump_ = outlet_pump::start(static_cast<pump_owner&>(*this), *outlets_, *socket_);
}

// Not at once when there is a pump: true, and it will be done when that has stopped.
bool connection_actor::wait_for_pump(std::function<void()> then) {
  if (!pump_)
    return false;
  pump_->stop_then(std::move(then));
  return true;
}

// What the pump holds is dropped; who waited for it goes on.
void connection_actor::drop_pump() {
  if (auto last = std::exchange(pump_, nullptr))
    for (auto& each : last->give_up())
      each();
}

void connection_actor::pumped(std::size_t bytes) {
  bytes_read_ += bytes;
  touch();
  if (deadlines_)
    deadlines_->what.has_first_byte();
}

void connection_actor::pump_stopped(pumped_flow last) {
  pump_.reset();
  for (const auto& each : last.taken_back)
    bytes_read_ += each.size();
  held_.put_before(std::move(last.taken_back));
  if (last.sink_failure) {
    outlets_->sink_failed(last.to, *last.sink_failure);
    pipes_changed();
  }
  // In the order in which they were asked for, before anything flows again.
  for (auto& each : last.then)
    each();
  if (life_ == life::closed)
    return;
  if (last.source_ended)
    on_end();
  else if (last.source_failure)
    on_receive_failed(*last.source_failure);
  if (life_ != life::closed)
    deliver_held();
}

// -- the sink -------------------------------------------------------------------------------------

// What a program has written leaves before a pump begins, and with several sources all go the same
// way.
pump_target::readiness connection_actor::pump_readiness() const noexcept {
  const bool is_one_source = sources_ && sources_->count() == 1;
  if (life_ != life::open || !socket_ || writing_ != writing::open || !is_one_source ||
      inflow_ != nullptr || ledger_.has_writes())
    return readiness::no;
  return ledger_.empty() ? readiness::ready : readiness::busy;
}

net::expected<net::pump_ptr> connection_actor::start_pump(net::stream_socket& from,
                                                          outlet_pump& by) {
  auto started = home().backend().start_pump(from, *socket_, by);
  if (started)
    inflow_ = &by;
  return started;
}

net::expected<net::pump_ptr> connection_actor::start_pump(net::opened_file_ptr from,
                                                          outlet_pump& by) {
  auto started = home().backend().start_pump(std::move(from), *socket_, by);
  if (started)
    inflow_ = &by;
  return started;
}

void connection_actor::pump_moved(std::size_t bytes) {
  ledger_.pumped(bytes);
  send_blocked_ = false;
  touch();
  if (!deadlines_)
    return;
  deadlines_->what.write_got_on(home().now(), false);
  await_deadline();
}

void connection_actor::pump_is_blocked() {
  send_blocked_ = true;
  write_waits();
}

void connection_actor::pump_failed(const error& why) {
  if (life_ != life::closed)
    on_send_failed(why);
}

void connection_actor::pump_ends(const outlet_pump& by) {
  if (inflow_ != &by)
    return;
  inflow_ = nullptr;
  send_blocked_ = false;
  if (deadlines_)
    deadlines_->what.write_got_on(home().now(), false);
}

error connection_actor::why_closed() const {
  return broke_ ? *broke_ : reason_not_to_write().value_or(finished_error());
}

// The socket is ours again at once. What the pump holds goes back to its source, which gives it to
// us anew, behind what made us stop it.
void connection_actor::end_inflow() {
  auto& by = *inflow_;
  pump_ends(by);
  by.stop();
}

} // namespace actornet
