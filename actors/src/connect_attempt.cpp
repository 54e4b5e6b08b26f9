// SPDX-License-Identifier: BSD-3-Clause
#include "connect_attempt.hpp"

#include "io_loop.hpp"
#include "resolve_errors.hpp"

#include <algorithm>

namespace actornet {

using net::error;
using net::trouble;

connect_attempt::connect_attempt(io_loop& home, connect_plan plan, connect_outcome& outcome)
    : home_(home), plan_(std::move(plan)), outcome_(outcome),
      answer_due_([this] { fail(no_answer_error(plan_.to)); }) {}

void connect_attempt::start() {
  if (plan_.timeout.count() > 0)
    home_.timers().arm(*this, home_.after(plan_.timeout));
  if (auto numeric = plan_.to.numeric()) {
    candidates_ = {std::move(*numeric)};
    try_next();
  } else {
    lookup_ = home_.backend().look_up({plan_.to.host, plan_.to.port, plan_.family}, *this);
    home_.arm_for_answer(answer_due_);
  }
}

void connect_attempt::on_resolved(std::vector<net::endpoint> found) {
  home_.timers().disarm(answer_due_);
  candidates_ = std::move(found);
  std::reverse(candidates_.begin(), candidates_.end());
  try_next();
}

void connect_attempt::on_not_resolved(const error& why) { fail(why); }

void connect_attempt::try_next() {
  trying_ = std::move(candidates_.back());
  candidates_.pop_back();
  socket_ = home_.backend().connect(trying_, plan_.stream, *this);
}

void connect_attempt::on_connected(const net::endpoint& local) {
  home_.timers().disarm(*this);
  auto remote = trying_;
  outcome_.on_established(std::move(socket_), local, remote); // may destroy this
}

void connect_attempt::on_connect_failed(const error& why) {
  tried_ += (failures_++ == 0 ? "" : ", ") + to_string(trying_) + " " + why.code();
  if (!candidates_.empty())
    return try_next();
  auto last = why;
  if (failures_ > 1)
    last.detail = why.message() + " (tried " + tried_ + ")";
  fail(std::move(last));
}

void connect_attempt::on_timer() {
  auto why = error::of(trouble::timed_out, "connect", "");
  if (trying_.family() != net::address_family::none) {
    why = why.at(trying_);
  } else {
    why.address = plan_.to.host;
    why.port = plan_.to.port;
  }
  fail(std::move(why));
}

void connect_attempt::fail(error why) {
  home_.timers().disarm(*this);
  home_.timers().disarm(answer_due_);
  socket_.reset();
  lookup_.reset();
  outcome_.on_not_established(why); // may destroy this
}

} // namespace actornet
