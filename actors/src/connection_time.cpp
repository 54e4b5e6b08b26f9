// SPDX-License-Identifier: BSD-3-Clause
#include "connection_actor.hpp"

#include "connection_errors.hpp"
#include "longest_wait.hpp"

#include <algorithm>
#include <utility>

// What happens to a connection by the passing of time, or because the program wants no more of it.
namespace actornet {

namespace {

// How long a connection whose handler has quit may take to send what it was given, and then how
// long it throws away what still comes.
constexpr std::chrono::seconds abandoned_time_max{30};
constexpr std::chrono::milliseconds abandoned_linger{2000};

// While a write waits for the kernel, nothing tells of what the peer acknowledges: it has to be
// asked for. First soon, as what was just sent is acknowledged soon; then every quarter of the
// time.
constexpr int looks_per_timeout_min = 4;
constexpr int looks_per_timeout_max = 32;
constexpr std::chrono::milliseconds look_interval_min{1};

} // namespace

// -- the idle timeout -----------------------------------------------------------------------------

void connection_actor::start_idle_timer(std::chrono::milliseconds silence) {
  idle_timeout_ = at_longest(silence);
  if (is_idle_timed())
    touch();
  else if (parting_ == parting::no || parting_ == parting::asked)
    home().timers().disarm(*this);
}

void connection_actor::note_activity() {
  if (deadlines_)
    deadlines_->what.was_active(home().now());
  if (!is_idle_timed())
    return;
  last_activity_ = home().now();
  idle_told_ = false;
  home().timers().arm(*this, home().after(idle_timeout_));
}

// The room in the kernel's buffer that a slow peer makes is told in large steps only, so that a
// write which goes on may look as if it stood still.
void connection_actor::check_idle() {
  const bool waits = is_waiting_to_write();
  if (waits && has_new_acknowledgement())
    touch();
  else if (!idle_told_ && home().now() >= last_activity_ + idle_timeout_) {
    idle_told_ = true;
    tell(timeout{self()});
  }
  if (life_ == life::closed)
    return;
  if (waits)
    look_again_soon();
  else if (!idle_told_) // a look came early, and what it was for is over
    home().timers().arm(*this, last_activity_ + idle_timeout_);
}

void connection_actor::look_again_soon() {
  auto interval = std::clamp<net::duration>(home().now() - last_activity_,
                                            idle_timeout_ / looks_per_timeout_max,
                                            idle_timeout_ / looks_per_timeout_min);
  auto next = home().now() + std::max<net::duration>(interval, look_interval_min);
  if (auto due = last_activity_ + idle_timeout_; !idle_told_ && due < next)
    next = due;
  home().timers().arm(*this, next);
}

bool connection_actor::has_new_acknowledgement() {
  note_acknowledged();
  return std::exchange(acknowledged_at_look_, acknowledged_) < acknowledged_;
}

void connection_actor::note_acknowledged() {
  if (socket_)
    acknowledged_ = ledger_.bytes_taken() -
                    std::min<std::uint64_t>(ledger_.bytes_taken(), socket_->unacknowledged_bytes());
}

void connection_actor::on_timer() {
  switch (parting_) {
  case parting::no:
  case parting::asked:
    return check_idle();
  case parting::abandoned:
  case parting::lingering:
    return conclude(close_reason::destroyed, destroyed_error());
  }
}

// -- limits ---------------------------------------------------------------------------------------

void connection_actor::limit_lifetime(std::chrono::milliseconds remaining) {
  lifetime_.reset();
  // Who takes the limit back before the connection has begun leaves a timer that is never due.
  if (remaining.count() <= 0 && life_ != life::unborn)
    return;
  lifetime_ = std::make_unique<loop_timer>([this] {
    break_with(error::of(trouble::timed_out, "", "the time of the connection is over").at(remote_));
  });
  if (remaining.count() > 0)
    home().timers().arm(*lifetime_, home().after(remaining));
}

void connection_actor::start_deadlines() {
  if (!settings_->deadlines.any())
    return;
  deadlines_.reset(new deadline_watch{connection_deadlines(settings_->deadlines, home().now()),
                                      loop_timer([this] { check_deadlines(); }), 0});
  await_deadline();
}

// Only who comes first is waited for: what happens until then moves it, mostly, and costs nothing.
void connection_actor::await_deadline() {
  if (auto due = deadlines_->what.due())
    home().timers().arm(deadlines_->timer, *due);
}

void connection_actor::check_deadlines() {
  auto& what = deadlines_->what;
  // What the peer acknowledges, nobody tells.
  note_acknowledged();
  const bool got_on = std::exchange(deadlines_->acknowledged, acknowledged_) < acknowledged_;
  if (got_on && is_waiting_to_write() && what.over(home().now()) != nullptr) {
    what.write_got_on(home().now(), true);
    touch();
  }
  if (const char* sentence = what.over(home().now()))
    return break_with(error::of(trouble::timed_out, "", sentence).at(remote_));
  await_deadline();
}

void connection_actor::watch_for_abort() {
  const auto& token = settings_->abort;
  if (token.stop_requested())
    return aborted();
  if (token.stop_possible())
    abort_ = std::make_unique<std::stop_callback<std::function<void()>>>(
        token, later(*this, &connection_actor::aborted));
}

void connection_actor::aborted() {
  if (life_ != life::closed)
    break_with(error::of(trouble::aborted, "", "aborted by the program").at(remote_));
}

// -- parting --------------------------------------------------------------------------------------

// Nobody wants what comes, but it has to be read: a peer that cannot send might not read either,
// and a socket that is closed with bytes unread resets the connection, what was sent last with it.
void connection_actor::part(std::chrono::milliseconds linger) {
  parting_ = parting::asked;
  linger_ = linger;
  drop_pump();
  held_.clear();
  end_told_ = read_over_;
  if (outlets_)
    outlets_->source_gone(destroyed_error());
  update_reading();
}

void connection_actor::begin_parting(finish_then_destroy&& what, responder&& asker) {
  const bool is_refused = writing_ == writing::open && !may_write(what.last.size());
  if (life_ != life::closed && !is_refused)
    part(std::chrono::milliseconds(what.linger_ms));
  begin_finish(std::move(what.last), std::move(asker));
  if (life_ == life::open && !is_refused && writing_ == writing::finished)
    linger_on();
}

void connection_actor::part_abandoned() {
  if (broke_)
    return break_with(*broke_); // nothing can be sent any more
  part(abandoned_linger);
  if (writing_ == writing::finished)
    return linger_on();
  parting_ = parting::abandoned;
  home().timers().arm(*this, home().now() + abandoned_time_max);
  if (writing_ == writing::open)
    finish_writing();
}

void connection_actor::linger_on() {
  if (read_over_)
    return conclude(close_reason::ended, destroyed_error());
  if (linger_.count() <= 0)
    return conclude(close_reason::destroyed, destroyed_error());
  parting_ = parting::lingering;
  home().timers().arm(*this, home().after(linger_));
}

} // namespace actornet
