// SPDX-License-Identifier: BSD-3-Clause
#include "epoll_listener.hpp"

#include "epoll_backend.hpp"
#include "kernel_accept.hpp"

#include <sys/epoll.h>

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
  opened_.file = {};
  home_.bury(*this, std::move(opened_.socket));
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
    auto outcome = accept_one(home_, opened_, events_, singly_);
    if (!outcome)
      return fail(outcome.error());
    if (*outcome == accept_outcome::held) {
      accepting_ = false;
      return;
    }
    if (*outcome != accept_outcome::went_on) {
      some_wait_ = false;
      return;
    }
  }
  if (!closed && accepting_)
    home_.call_next_turn(*this);
}

void epoll_listener::fail(const error& why) {
  accepting_ = false;
  home_.told();
  events_.on_accept_failed(why);
}

} // namespace actornet::net
