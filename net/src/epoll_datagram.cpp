// SPDX-License-Identifier: BSD-3-Clause
#include "epoll_datagram.hpp"

#include "epoll_backend.hpp"

#include <sys/epoll.h>

#include <cassert>

namespace actornet::net {

namespace {

constexpr std::uint32_t edges_of(bool data, bool room) noexcept {
  return (data ? EPOLLIN | EPOLLET : EPOLLET) | (room ? EPOLLOUT : 0u);
}

} // namespace

epoll_datagram::epoll_datagram(epoll_backend& home, opened_datagram opened, datagram_events& events)
    : kernel_datagram(home, std::move(opened), events) {}

epoll_backend& epoll_datagram::home() const noexcept {
  return static_cast<epoll_backend&>(kernel_home());
}

expected<void> epoll_datagram::begin() {
  return home().watch(socket_.number(), *this, edges_of(wants_data_, wants_room_));
}

void epoll_datagram::ask_to_receive() { home().call_next_turn(*this); }

void epoll_datagram::ask_to_send() { home().call_at_flush(*this); }

// Not for longer than needed: each datagram that leaves the kernel makes room, and would be told.
void epoll_datagram::watch_room(bool wanted) {
  wants_room_ = wanted;
  watch_as_wanted();
}

void epoll_datagram::watch_data(bool wanted) {
  wants_data_ = wanted;
  watch_as_wanted();
}

// The kernel tells anew of what is there already.
void epoll_datagram::watch_as_wanted() {
  [[maybe_unused]] auto watched =
      home().watch_again(socket_.number(), *this, edges_of(wants_data_, wants_room_));
  assert(watched);
}

void epoll_datagram::on_events(std::uint32_t events) {
  if ((events & EPOLLERR) != 0 && !is_receiving())
    trouble_came();
  if (!closed && (events & (EPOLLIN | EPOLLERR)) != 0)
    data_came();
  if (!closed && (events & EPOLLOUT) != 0)
    room_came();
}

void epoll_datagram::close() {
  let_go();
  home().bury(*this, std::move(socket_));
}

} // namespace actornet::net
