// SPDX-License-Identifier: BSD-3-Clause
#include "uring_listener.hpp"

#include "socket_calls.hpp"
#include "uring_backend.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace actornet::net {

uring_listener::uring_listener(uring_backend& home, opened_listener opened, listen_events& events)
    : home_(home), opened_(std::move(opened)), events_(events) {
  home_.add(*this);
}

void uring_listener::start_accepting() {
  accepting_ = true;
  home_.call_at_flush(*this);
}

void uring_listener::stop_accepting() {
  accepting_ = false;
  if (is_under_way(uring_operation::accept))
    home_.cancel_now(*this, uring_operation::accept);
}

void uring_listener::on_flush() {
  if (!accepting_ || is_under_way(uring_operation::accept))
    return;
  if (auto* entry = home_.start(*this, uring_operation::accept))
    io_uring_prep_multishot_accept(entry, opened_.socket.number(), nullptr, nullptr,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void uring_listener::on_completion(const uring_completion& what) {
  if (what.is_last && accepting_)
    home_.call_at_flush(*this);
  if (what.result >= 0)
    return tell_accepted(descriptor(what.result, kernel_descriptors()));
  if (!accepting_ || what.result == -ECANCELED || is_trouble_of_one_connection(-what.result))
    return;
  accepting_ = false;
  home_.told();
  events_.on_accept_failed(error::system(-what.result, "accept", opened_.local));
}

// One operation accepts many, so it cannot say from whom each is.
void uring_listener::tell_accepted(descriptor socket) {
  auto remote = remote_endpoint(socket.number());
  // A socket bound to one address has that address on every connection; the wildcard asks.
  auto local = opened_.local.is_wildcard() ? local_endpoint(socket.number())
                                           : expected<endpoint>(opened_.local);
  if (!remote || !local)
    return; // its peer has given it up already
  home_.told();
  events_.on_accepted({std::move(socket), std::move(*local), std::move(*remote)});
}

void uring_listener::close() {
  accepting_ = false;
  opened_.file = {};
  home_.bury(*this, std::move(opened_.socket));
}

} // namespace actornet::net
