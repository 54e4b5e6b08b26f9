// SPDX-License-Identifier: BSD-3-Clause
#include "order/kernel_other_side.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace actornet::test {

kernel_other_side::kernel_other_side(raw_socket connected, registry& all)
    : all_(all), socket_(std::move(connected)) {
  all_.insert(this);
}

kernel_other_side::~kernel_other_side() { all_.erase(this); }

void kernel_other_side::sends(std::string_view bytes) {
  unsent_ += bytes;
  send_waiting();
}

void kernel_other_side::finishes() {
  finishing_ = true;
  send_waiting();
}

void kernel_other_side::closes() {
  unsent_.clear();
  socket_.close();
}

void kernel_other_side::resets() {
  unsent_.clear();
  socket_.resets();
}

void kernel_other_side::turn() {
  if (!is_open())
    return;
  send_waiting();
  if (reading_)
    receive_waiting();
}

void kernel_other_side::send_waiting() {
  while (!unsent_.empty() && !was_reset_) {
    auto sent =
        ::send(socket_.number(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      was_reset_ = errno != EAGAIN;
      return;
    }
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  // Who was reset has nothing to finish any more.
  if (std::exchange(finishing_, false))
    ::shutdown(socket_.number(), SHUT_WR);
}

void kernel_other_side::receive_waiting() {
  std::array<char, 64 * 1024> bytes{};
  while (!got_end_ && !was_reset_) {
    auto got = ::recv(socket_.number(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) {
      was_reset_ = errno != EAGAIN;
      return;
    }
    got_end_ = got == 0;
    received_.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

pollfd kernel_other_side::interest() const {
  short events = 0;
  if (reading_ && !got_end_)
    events |= POLLIN;
  if (!unsent_.empty())
    events |= POLLOUT;
  // A hang-up would be told even to who waits for nothing.
  return {events != 0 && !was_reset_ ? socket_.number() : -1, events, 0};
}

bool kernel_other_side::everything_arrived() const {
  int unacknowledged = 0;
  if (!is_open() || ::ioctl(socket_.number(), SIOCOUTQ, &unacknowledged) != 0)
    return true;
  return unsent_.empty() && unacknowledged == 0;
}

} // namespace actornet::test
