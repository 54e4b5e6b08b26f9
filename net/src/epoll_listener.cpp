// SPDX-License-Identifier: BSD-3-Clause
#include "epoll_listener.hpp"

#include "epoll_backend.hpp"
#include "socket_address.hpp"
#include "socket_calls.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace actornet::net {

epoll_listener::epoll_listener(epoll_backend& home, opened_listener opened, listen_events& events)
    : home_(home), opened_(std::move(opened)), events_(events) {}

expected<void> epoll_listener::begin() {
  return home_.watch(opened_.socket.number(), *this, EPOLLIN | EPOLLET);
}

void epoll_listener::start_accepting() {
  accepting_ = true;
  if (some_wait_)
    home_.call_next_turn(*this);
}

void epoll_listener::close() {
  closed = true;
  opened_ = {};
  home_.bury(*this);
}

void epoll_listener::on_events(std::uint32_t) {
  some_wait_ = true;
  accept_some();
}

void epoll_listener::on_turn() { accept_some(); }

void epoll_listener::accept_some() {
  for (int i = 0; i < accepts_per_turn_max; ++i) {
    if (closed || !accepting_)
      return;
    switch (accept_one()) {
    case outcome::accepted:
    case outcome::skipped:
      break;
    case outcome::none_left:
      some_wait_ = false;
      return;
    case outcome::failed:
      return;
    }
  }
  if (!closed && accepting_)
    home_.call_next_turn(*this);
}

epoll_listener::outcome epoll_listener::accept_one() {
  socket_address from{};
  from.size = sizeof(from.storage);
  int number = ::accept4(opened_.socket.number(), reinterpret_cast<sockaddr*>(&from.storage),
                         &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (number >= 0) {
    descriptor socket(number, kernel_descriptors());
    auto remote = from.to_endpoint();
    // A socket bound to one address has that address on every connection; the wildcard asks.
    auto local =
        opened_.local.is_wildcard() ? local_endpoint(number) : expected<endpoint>(opened_.local);
    if (!remote || !local)
      return outcome::skipped;
    home_.told();
    events_.on_accepted({std::move(socket), std::move(*local), std::move(*remote)});
    return outcome::accepted;
  }
  int why = errno;
  if (why == EAGAIN)
    return outcome::none_left;
  if (is_trouble_of_one_connection(why))
    return outcome::skipped;
  accepting_ = false;
  home_.told();
  events_.on_accept_failed(error::system(why, "accept", opened_.local));
  return outcome::failed;
}

} // namespace actornet::net
