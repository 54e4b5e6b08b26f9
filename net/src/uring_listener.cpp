// SPDX-License-Identifier: BSD-3-Clause
#include "uring_listener.hpp"

#include "kernel_accept.hpp"
#include "socket_calls.hpp"
#include "uring_backend.hpp"

#include <poll.h>
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
  for (auto each : {uring_operation::accept, uring_operation::await_client})
    if (is_under_way(each))
      home_.cancel_now(*this, each);
}

// An operation that accepts many would do so before anybody is asked.
void uring_listener::accept_singly(bool singly) {
  singly_ = singly;
  if (singly && is_under_way(uring_operation::accept))
    home_.cancel_now(*this, uring_operation::accept);
}

void uring_listener::on_flush() {
  if (!accepting_ || is_under_way(uring_operation::accept) ||
      is_under_way(uring_operation::await_client))
    return;
  const bool one_by_one = starved_ || singly_;
  auto* entry =
      home_.start(*this, one_by_one ? uring_operation::await_client : uring_operation::accept);
  if (entry == nullptr)
    return;
  if (one_by_one)
    io_uring_prep_poll_add(entry, opened_.socket.number(), POLLIN);
  else
    io_uring_prep_multishot_accept(entry, opened_.socket.number(), nullptr, nullptr,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void uring_listener::on_completion(const uring_completion& what) {
  if (what.is_last && accepting_)
    home_.call_at_flush(*this);
  if (what.what == uring_operation::accept)
    on_accept_completion(what);
  else if (what.result != -ECANCELED)
    accept_who_waits();
}

// An accept(2) that finds nobody has made a file and a descriptor for him before it looks, and
// costs as much as one that finds somebody. So where clients come one at a time, one is accepted,
// and the kernel asked whether there are more, which costs next to nothing; only now and then it is
// tried until nobody is left, and goes on like that while there are several.
void uring_listener::accept_who_waits() {
  if (!starved_ && ++alone_ < turns_alone_max)
    return accept_some(1);
  accept_some(accepts_per_turn_max);
}

void uring_listener::on_accept_completion(const uring_completion& what) {
  if (what.result >= 0)
    return tell_one(descriptor(what.result, kernel_descriptors()));
  if (!accepting_ || what.result == -ECANCELED || is_trouble_of_one_connection(-what.result))
    return;
  if (is_want_of_descriptors(-what.result))
    accept_some(accepts_per_turn_max);
  else
    fail(error::system(-what.result, "accept", opened_.local));
}

// One operation accepts many, so it cannot say from whom each is.
void uring_listener::tell_one(descriptor socket) {
  if (singly_ && !events_.may_accept()) {
    accepting_ = false;
    return;
  }
  auto remote = remote_endpoint(socket.number());
  if (!tell_accepted(home_, opened_, std::move(socket), std::move(remote), events_) && singly_)
    events_.on_none_accepted();
}

void uring_listener::on_turn() { accept_some(accepts_per_turn_max); }

// Without descriptors, one by one: an operation under way could not use the spare one.
void uring_listener::accept_some(int most) {
  for (int i = 0; i < most; ++i) {
    if (closed || !accepting_ || is_under_way(uring_operation::accept))
      return;
    auto outcome = accept_one(home_, opened_, events_, singly_);
    if (!outcome)
      return fail(outcome.error());
    if (*outcome == accept_outcome::held) {
      accepting_ = false;
      return;
    }
    if (*outcome != accept_outcome::went_on) {
      alone_ = i > 1 ? turns_alone_max : 0;
      starved_ = *outcome == accept_outcome::none_left_and_starved;
      return home_.call_at_flush(*this);
    }
  }
  if (closed || !accepting_)
    return;
  if (most == 1)
    home_.call_at_flush(*this);
  else
    home_.call_next_turn(*this);
}

void uring_listener::fail(const error& why) {
  accepting_ = false;
  home_.told();
  events_.on_accept_failed(why);
}

void uring_listener::close() {
  accepting_ = false;
  opened_.file = {};
  home_.bury(*this, std::move(opened_.socket));
}

} // namespace actornet::net
