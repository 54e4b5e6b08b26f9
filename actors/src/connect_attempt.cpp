// SPDX-License-Identifier: BSD-3-Clause
#include "connect_attempt.hpp"

#include "connect_order.hpp"
#include "io_loop.hpp"
#include "resolve_errors.hpp"

#include <algorithm>

namespace actornet {

using net::error;
using net::trouble;

namespace {

// RFC 8305, section 8: never less, however the program sets it.
constexpr std::chrono::milliseconds attempt_delay_min{10};

error denied_error(const net::endpoint& whom) {
  return error::of(trouble::denied, "connect", whom.address() + " is on the deny list").at(whom);
}

} // namespace

/// One address that is tried.
class connect_attempt::racer final : net::stream_events {
public:
  racer(connect_attempt& race, const net::endpoint& to)
      : to(to), race_(race), socket_(race.home_.backend().connect(to, race.plan_.how, *this)) {}

  net::stream_socket_ptr give_socket() { return std::move(socket_); }

  const net::endpoint to;

private:
  void on_connected(const net::endpoint& local) override { race_.won(*this, local); }
  void on_connect_failed(const error& why) override { race_.lost(*this, why); }

  // Nothing of this can happen before the stream belongs to a connection.
  void on_received(net::chunk) override {}
  void on_end() override {}
  void on_receive_failed(const error&) override {}
  void on_sent(std::size_t) override {}
  void on_send_blocked() override {}
  void on_finished() override {}
  void on_send_failed(const error&) override {}

  connect_attempt& race_;
  net::stream_socket_ptr socket_;
};

connect_attempt::connect_attempt(io_loop& home, connect_plan plan, connect_outcome& outcome)
    : home_(home), plan_(std::move(plan)), outcome_(outcome),
      answer_due_([this] { fail(no_answer_error(plan_.to)); }), next_due_([this] { try_next(); }) {}

connect_attempt::~connect_attempt() = default;

void connect_attempt::start() {
  if (plan_.timeout.count() > 0)
    home_.timers().arm(*this, home_.after(plan_.timeout));
  if (auto numeric = plan_.to.numeric()) {
    begin_with({std::move(*numeric)});
  } else {
    lookup_ = home_.backend().look_up({plan_.to.host, plan_.to.port, plan_.family}, *this);
    home_.arm_for_answer(answer_due_);
  }
}

void connect_attempt::on_resolved(std::vector<net::endpoint> found) {
  home_.timers().disarm(answer_due_);
  add_loopbacks(found);
  begin_with(std::move(found));
}

void connect_attempt::on_not_resolved(const error& why) {
  std::vector<net::endpoint> found;
  add_loopbacks(found);
  if (found.empty())
    return fail(why);
  home_.timers().disarm(answer_due_);
  begin_with(std::move(found));
}

// `localhost` is both of them, as for who listens, however little the system's files say of it;
// what they do say comes first.
void connect_attempt::add_loopbacks(std::vector<net::endpoint>& found) const {
  if (plan_.to.host != "localhost")
    return;
  for (const auto& each :
       {net::endpoint::loopback_ipv6(plan_.to.port), net::endpoint::loopback_ipv4(plan_.to.port)})
    if ((plan_.family == net::address_family::none || plan_.family == each.family()) &&
        std::find(found.begin(), found.end(), each) == found.end())
      found.push_back(each);
}

// What is on the deny list is no candidate.
void connect_attempt::begin_with(std::vector<net::endpoint> found) {
  auto denied = std::stable_partition(found.begin(), found.end(), [&](const net::endpoint& each) {
    return !plan_.deny.contains(each);
  });
  std::for_each(denied, found.end(),
                [&](const auto& each) { note_failure(each, denied_error(each)); });
  if (denied == found.begin())
    return fail(with_all_failures(denied_error(found.front())));
  found.erase(denied, found.end());
  candidates_ = connect_order(std::move(found), plan_.how.from.family());
  std::reverse(candidates_.begin(), candidates_.end());
  try_next();
}

// -- the race -------------------------------------------------------------------------------------

void connect_attempt::try_next() {
  auto to = std::move(candidates_.back());
  candidates_.pop_back();
  racers_.push_back(std::make_unique<racer>(*this, to));
  if (candidates_.empty())
    home_.timers().disarm(next_due_);
  else
    home_.timers().arm(next_due_, home_.after(std::max(plan_.attempt_delay, attempt_delay_min)));
}

void connect_attempt::won(racer& who, const net::endpoint& local) {
  home_.timers().disarm(*this);
  home_.timers().disarm(next_due_);
  auto remote = who.to;
  outcome_.on_established(who.give_socket(), local, remote); // may destroy this
}

void connect_attempt::lost(racer& who, const error& why) {
  note_failure(who.to, why);
  if (!first_failure_)
    first_failure_ = why;
  std::erase_if(racers_, [&](const auto& each) { return each.get() == &who; });
  if (!candidates_.empty())
    try_next();
  else if (racers_.empty())
    fail(with_all_failures(*first_failure_));
}

void connect_attempt::note_failure(const net::endpoint& to, const error& why) {
  failures_ += (failure_count_++ == 0 ? "" : ", ") + to_string(to) + " " + why.code();
}

error connect_attempt::with_all_failures(error why) const {
  if (failure_count_ > 1)
    why.detail = why.message() + " (tried " + failures_ + ")";
  return why;
}

void connect_attempt::on_timer() {
  auto why = error::of(trouble::timed_out, "connect", "");
  if (racers_.empty()) {
    why.address = plan_.to.host;
    why.port = plan_.to.port;
  } else {
    why = why.at(racers_.front()->to);
  }
  for (const auto& each : racers_)
    note_failure(each->to, why);
  fail(with_all_failures(std::move(why)));
}

void connect_attempt::fail(error why) {
  home_.timers().disarm(*this);
  home_.timers().disarm(answer_due_);
  home_.timers().disarm(next_due_);
  racers_.clear();
  lookup_.reset();
  outcome_.on_not_established(why); // may destroy this
}

} // namespace actornet
