// SPDX-License-Identifier: BSD-3-Clause
#include "stream.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace actornet::net::simulation {

void stream::note(std::string_view what) {
  home_.home().note("fd " + std::to_string(socket_.number()) + " told " + std::string(what));
}

void stream::use(descriptor socket, stream_end_ptr end, const socket_options& chosen) {
  socket_ = std::move(socket);
  end_ = std::move(end);
  end_->watch(this);
  end_->set_options(chosen);
}

void stream::begin_connected(descriptor socket, stream_end_ptr end, const socket_options& chosen) {
  use(std::move(socket), std::move(end), chosen);
  home_.call_next_turn(*this);
}

// -- connecting -----------------------------------------------------------------------------------

void stream::begin_connect(const endpoint& remote, const connect_options& chosen) {
  phase_ = phase::connecting;
  remote_ = remote;
  auto opened = open(remote, chosen);
  if (opened)
    return;
  refusal_ = std::move(opened.error());
  home_.call_next_turn(*this);
}

expected<void> stream::open(const endpoint& remote, const connect_options& chosen) {
  auto& network = home_.home();
  if (network.descriptors().is_full())
    return fail(error::system(EMFILE, "socket", remote));
  auto end = network.connect(remote, chosen.from);
  if (!end)
    return fail(end.error());
  auto socket = network.open(*end);
  use(std::move(socket), std::move(*end), chosen.socket);
  return {};
}

void stream::tell_outcome() {
  if (refusal_)
    return tell_connect_failed(*refusal_);
  if (int number = end_->refusal(); number != 0)
    return tell_connect_failed(error::system(number, "connect", remote_));
  if (!end_->is_connected())
    return;
  phase_ = phase::connected;
  note("connected");
  events_->on_connected(end_->local());
}

void stream::tell_connect_failed(const error& why) {
  phase_ = phase::failed;
  note("connect failed " + why.code());
  events_->on_connect_failed(why);
}

// -- turns ----------------------------------------------------------------------------------------

void stream::on_turn() {
  if (phase_ == phase::connecting)
    tell_outcome();
  if (closed || phase_ != phase::connected)
    return;
  if (send_tap_ != nullptr)
    home_.call_next_turn(*send_tap_);
  if (receive_tap_ != nullptr)
    home_.call_next_turn(*receive_tap_);
  else
    receive_some();
  if (!closed && sending_ == sending::blocked && (end_->room() > 0 || end_->broken() != 0))
    send_some();
}

void stream::on_flush() {
  if (sending_ == sending::ready && phase_ == phase::connected)
    send_some();
}

// -- receiving ------------------------------------------------------------------------------------

void stream::start_receiving() {
  receiving_ = !end_told_ && !break_told_;
  if (receiving_)
    home_.call_next_turn(*this);
}

// One thing a turn; what is left asks for the next.
void stream::receive_some() {
  if (receiving_ && end_->readable_bytes() > 0)
    receive_bytes();
  else if (receiving_ && end_->at_end())
    tell_end();
  else if (end_->broken() != 0 && !break_told_)
    tell_broken();
  else
    return;
  if (!closed)
    home_.call_next_turn(*this);
}

void stream::receive_bytes() {
  auto& dice = home_.home().dice();
  auto buffer = home_.buffers().writable();
  auto count = std::min(buffer.size(), end_->readable_bytes());
  if (dice.chance(home_.home().chosen().partial_receive_chance))
    count = dice.between(1, count);
  count = end_->read(buffer.first(count));
  note("received " + std::to_string(count));
  events_->on_received(home_.buffers().take(count, window_));
}

void stream::tell_end() {
  receiving_ = false;
  end_told_ = true;
  note("end");
  events_->on_end();
}

void stream::tell_broken() {
  receiving_ = false;
  break_told_ = true;
  note("broken");
  events_->on_receive_failed(error::system(end_->broken(), "read"));
}

// -- pumps ----------------------------------------------------------------------------------------

void stream::tap_receiving(source* who) {
  receive_tap_ = who;
  receiving_ = false;
  home_.call_next_turn(*this); // to tell of what broke it meanwhile
}

void stream::receiving_is_over() noexcept {
  end_told_ = true;
  break_told_ = end_->broken() != 0;
}

int stream::break_sending() noexcept {
  sending_ = sending::broken;
  return break_told_ ? EPIPE : end_->broken();
}

// -- sending --------------------------------------------------------------------------------------

void stream::send(chunk bytes) {
  if (sending_ == sending::broken || bytes.empty())
    return;
  unsent_bytes_ += bytes.size();
  unsent_.push_back(std::move(bytes));
  if (sending_ == sending::ready)
    home_.call_at_flush(*this);
}

void stream::finish() {
  finishing_ = true;
  if (sending_ == sending::ready)
    home_.call_at_flush(*this);
}

void stream::send_some() {
  sending_ = sending::ready;
  if (unsent_bytes_ > 0) {
    if (end_->broken() != 0)
      return sending_broke("write");
    auto& dice = home_.home().dice();
    auto most = unsent_bytes_;
    if (dice.chance(home_.home().chosen().partial_send_chance))
      most = dice.between(1, most);
    if (auto taken = push_to_kernel(most); taken > 0) {
      note("sent " + std::to_string(taken));
      events_->on_sent(taken);
    }
    if (closed)
      return;
    if (unsent_bytes_ > 0)
      return wait_for_room();
  }
  if (finishing_)
    hand_over_fin();
}

std::size_t stream::push_to_kernel(std::size_t most) {
  std::size_t taken = 0;
  while (taken < most && end_->room() > 0) {
    auto& first = unsent_.front();
    auto count = end_->write(first.view().substr(0, most - taken));
    taken += count;
    first = first.slice(count);
    if (first.empty())
      unsent_.pop_front();
  }
  unsent_bytes_ -= taken;
  return taken;
}

void stream::drop_unsent() noexcept {
  unsent_.clear();
  unsent_bytes_ = 0;
}

void stream::wait_for_room() {
  sending_ = sending::blocked;
  if (end_->room() > 0) // chance, not the peer, held it up
    home_.call_next_turn(*this);
  note("blocked");
  events_->on_send_blocked();
}

void stream::hand_over_fin() {
  finishing_ = false;
  if (end_->broken() != 0)
    return sending_broke("shutdown");
  end_->finish();
  sending_ = sending::finished;
  note("finished");
  events_->on_finished();
}

// As Linux has it: a broken socket says once what broke it, then EPIPE.
void stream::sending_broke(std::string_view syscall) {
  sending_ = sending::broken;
  drop_unsent();
  int number = break_told_ ? EPIPE : end_->broken();
  note("send failed " + std::to_string(number));
  events_->on_send_failed(error::system(number, syscall));
}

// -- options and the end --------------------------------------------------------------------------

std::size_t stream::unacknowledged_bytes() const noexcept { return end_->unacknowledged_bytes(); }

// Nothing of it changes what the network does; tests look whether it arrived.
expected<void> stream::set_options(const socket_options& chosen) {
  end_->set_options(chosen);
  return {};
}

expected<std::vector<std::byte>> stream::get_option(int level, int name,
                                                    std::size_t bytes_max) const {
  for (auto each = end_->settings.raw.rbegin(); each != end_->settings.raw.rend(); ++each)
    if (each->level == level && each->name == name) {
      auto value = each->value;
      value.resize(std::min(value.size(), bytes_max));
      return value;
    }
  return fail(error::system(ENOPROTOOPT, "getsockopt"));
}

void stream::close() {
  receiving_ = false;
  socket_ = {};
  drop_unsent();
  let_go();
}

void stream::reset() {
  if (end_)
    end_->reset();
  close();
}

} // namespace actornet::net::simulation
