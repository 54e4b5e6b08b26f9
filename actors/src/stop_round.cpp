// SPDX-License-Identifier: BSD-3-Clause
#include "stop_round.hpp"

#include "longest_wait.hpp"
#include "loop_function.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <utility>

namespace actornet {

namespace {

constexpr std::chrono::milliseconds interval_min{100};
constexpr std::chrono::milliseconds interval_max{1000};
constexpr int rounds_per_deadline = 10;

struct look_around {};
struct deadline_is_over {};

} // namespace

} // namespace actornet

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actornet::look_around)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actornet::deadline_is_over)

namespace actornet {

namespace {

/// What the actor of one round knows.
class round_state : public std::enable_shared_from_this<round_state> {
public:
  round_state(caf::event_based_actor* self, stop_list whom, const stop& how,
              stop_round::reporting progress, std::function<void(stopped)> done)
      : self_(self), whom_(std::move(whom)), how_(how), progress_(std::move(progress)),
        done_(std::move(done)) {}

  caf::behavior begin() {
    for (const auto& each : whom_.listeners)
      stop_listener(each);
    for (const auto& each : whom_.connections)
      wind_down_one(each);
    const auto patience = std::chrono::milliseconds(std::max<std::int64_t>(0, how_.deadline_ms));
    if (!whom_.connections.empty())
      self_->delayed_send(self_, at_longest(patience), deadline_is_over{});
    interval_ = std::clamp(patience / rounds_per_deadline, interval_min, interval_max);
    if (progress_.to)
      self_->send(self_, look_around{});
    self_->set_down_handler([state = shared_from_this()](const caf::down_msg& down) {
      state->connection_gone(down.source.id());
    });
    leave_if_over();
    return {
        [state = shared_from_this()](look_around) { state->ask_around(); },
        [state = shared_from_this()](deadline_is_over) { state->force_the_rest(); },
    };
  }

private:
  void stop_listener(const listener& each) {
    ++open_listeners_;
    auto over = [state = shared_from_this()](const stopped& report) {
      state->report_.finished += report.finished;
      state->report_.forced += report.forced;
      state->report_.served += report.served;
      --state->open_listeners_;
      state->leave_if_over();
    };
    // Who is gone had nothing left to stop.
    self_->request(each, caf::infinite, how_).then(over, [over](const caf::error&) { over({}); });
  }

  void wind_down_one(const connection& each) {
    open_connections_.insert(each.id());
    self_->monitor(each);
    self_->send(each, wind_down{how_.deadline_ms});
  }

  void connection_gone(caf::actor_id who) {
    if (open_connections_.erase(who) == 0)
      return;
    ++(forcing_ ? report_.forced : report_.finished);
    ++report_.served;
    leave_if_over();
  }

  void force_the_rest() {
    forcing_ = true;
    for (const auto& each : whom_.connections) {
      if (!open_connections_.contains(each.id()))
        continue;
      if (how_.reset_rest)
        self_->send(each, reset{});
      else
        self_->send(each, destroy{});
    }
  }

  /// Progress is of all listeners together, so each is asked.
  void ask_around() {
    struct sum {
      drain_progress so_far;
      std::size_t due;
    };
    const auto left = static_cast<std::uint64_t>(open_connections_.size());
    auto all = std::make_shared<sum>(
        sum{{progress_.from, left, report_.finished}, whom_.listeners.size()});
    auto heard = [state = shared_from_this(), all](std::uint64_t count) {
      all->so_far.left += count;
      if (--all->due == 0)
        state->tell(all->so_far);
    };
    for (const auto& each : whom_.listeners)
      self_->request(each, caf::infinite, get_connections{})
          .then([heard](const connections& now) { heard(now.count); },
                [heard](const caf::error&) { heard(0); });
    if (whom_.listeners.empty())
      tell(all->so_far);
  }

  void tell(drain_progress now) {
    at_first_ = std::max(at_first_, now.left);
    now.finished = at_first_ - now.left;
    if (now.left > 0)
      self_->send(progress_.to, now);
    self_->delayed_send(self_, interval_, look_around{});
  }

  void leave_if_over() {
    if (open_listeners_ > 0 || !open_connections_.empty())
      return;
    if (auto done = std::exchange(done_, nullptr))
      done(report_);
    self_->quit();
  }

  caf::event_based_actor* self_;
  const stop_list whom_;
  const stop how_;
  const stop_round::reporting progress_;
  std::function<void(stopped)> done_;
  stopped report_;
  std::size_t open_listeners_ = 0;
  std::set<caf::actor_id> open_connections_;
  std::uint64_t at_first_ = 0;
  std::chrono::milliseconds interval_{0};
  bool forcing_ = false;
};

} // namespace

void stop_round::begin(io_loop& home, stop_list whom, const stop& how, reporting progress,
                       std::function<void(stopped)> done) {
  loop_function::spawn(home, [whom = std::move(whom), how, progress = std::move(progress),
                              done = std::move(done)](caf::event_based_actor* self) {
    return std::make_shared<round_state>(self, whom, how, progress, done)->begin();
  });
}

} // namespace actornet
