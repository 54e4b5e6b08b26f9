// SPDX-License-Identifier: BSD-3-Clause
#include "uring_datagram.hpp"

#include "uring_backend.hpp"

#include <poll.h>

#include <utility>

namespace actornet::net {

uring_datagram::uring_datagram(uring_backend& home, opened_datagram opened, datagram_events& events)
    : kernel_datagram(home, std::move(opened), events) {
  home.add(*this);
  home.call_at_flush(*this);
}

uring_backend& uring_datagram::home() const noexcept {
  return static_cast<uring_backend&>(kernel_home());
}

// In a turn and not in `on_flush`, where nobody may be told anything.
void uring_datagram::ask_to_receive() { home().call_next_turn(*this); }

void uring_datagram::ask_to_send() {
  wants_to_send_ = true;
  home().call_next_turn(*this);
}

void uring_datagram::watch_room(bool wanted) {
  wants_room_ = wanted;
  if (wanted)
    home().call_at_flush(*this);
}

void uring_datagram::watch_data(bool wanted) {
  wants_data_ = wanted;
  if (wanted)
    home().call_at_flush(*this);
  else if (is_under_way(uring_operation::receive))
    home().cancel(*this, uring_operation::receive);
}

void uring_datagram::on_turn() {
  receive_more();
  if (!closed && std::exchange(wants_to_send_, false))
    send_some();
}

void uring_datagram::on_flush() {
  if (wants_data_ && !is_under_way(uring_operation::receive))
    if (auto* entry = home().start(*this, uring_operation::receive))
      io_uring_prep_poll_multishot(entry, socket_.number(), POLLIN);
  if (wants_room_ && !is_under_way(uring_operation::send))
    if (auto* entry = home().start(*this, uring_operation::send))
      io_uring_prep_poll_add(entry, socket_.number(), POLLOUT);
}

void uring_datagram::on_completion(const uring_completion& what) {
  if (what.is_last)
    home().call_at_flush(*this);
  if (what.what == uring_operation::send)
    return room_came();
  if (what.result < 0)
    return;
  if ((what.result & POLLERR) != 0 && !is_receiving())
    trouble_came();
  if (!closed && wants_data_) // else the watch is yet to be cancelled
    data_came();
}

void uring_datagram::close() {
  let_go();
  home().bury(*this, std::move(socket_));
}

} // namespace actornet::net
