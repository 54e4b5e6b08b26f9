// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_stream.hpp"

#include <utility>

namespace actornet::net {

// -- receiving ------------------------------------------------------------------------------------

void kernel_stream::tap_receiving(stream_tap& who) {
  stop_receiving();
  receive_tap_ = &who;
  reads_again_ = true;
  tap_changed();
}

void kernel_stream::untap_receiving() {
  receive_tap_ = nullptr;
  awaits_bytes_ = ignores_bytes_ = reads_again_ = false;
  looks_for_reset_ = true;
  tap_changed();
}

void kernel_stream::await_bytes() {
  awaits_bytes_ = true;
  ignores_bytes_ = reads_again_ = false;
  tap_changed();
}

void kernel_stream::ignore_bytes() {
  awaits_bytes_ = reads_again_ = false;
  ignores_bytes_ = true;
  tap_changed();
}

void kernel_stream::read_again() {
  awaits_bytes_ = ignores_bytes_ = false;
  reads_again_ = true;
  tap_changed();
}

void kernel_stream::bytes_came() {
  awaits_bytes_ = false;
  receive_tap_->on_readable();
}

// -- sending --------------------------------------------------------------------------------------

void kernel_stream::tap_sending(stream_tap& who) { send_tap_ = &who; }

void kernel_stream::untap_sending() {
  send_tap_ = nullptr;
  awaits_room_ = sends_again_ = false;
  tap_changed();
}

void kernel_stream::await_room() {
  awaits_room_ = true;
  tap_changed();
}

void kernel_stream::send_again() {
  sends_again_ = true;
  tap_changed();
}

void kernel_stream::room_came() {
  awaits_room_ = false;
  send_tap_->on_writable();
}

void kernel_stream::sending_was_broken(const error& why) {
  sending_ = sending::broken;
  remember_what_broke(why);
}

void kernel_stream::call_taps() {
  if (receive_tap_ != nullptr && std::exchange(reads_again_, false))
    receive_tap_->on_readable();
  if (send_tap_ != nullptr && std::exchange(sends_again_, false))
    send_tap_->on_writable();
}

} // namespace actornet::net
