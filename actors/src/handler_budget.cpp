// SPDX-License-Identifier: BSD-3-Clause
#include "handler_budget.hpp"

#include "log_sink.hpp"

#include <caf/local_actor.hpp>

#include <ctime>
#include <string>

namespace actornet {

namespace {

using span = handler_budget::span;

span to_span(const timespec& time) noexcept {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

span coarse_now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return to_span(time);
}

span coarse_tick() noexcept {
  timespec time{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &time);
  return to_span(time);
}

} // namespace

handler_budget::handler_budget(std::chrono::milliseconds allowed, log_sink& log)
    : handler_budget(allowed, log, coarse_now, coarse_tick()) {}

handler_budget::handler_budget(std::chrono::milliseconds allowed, log_sink& log, read_clock clock,
                               span tick)
    : log_(log), clock_(clock), allowed_(allowed), tick_(tick) {}

void handler_budget::turn_begins() {
  if (looking_ || allowed_ == span::zero())
    return;
  looking_ = true;
  since_ = clock_();
}

void handler_budget::turn_ends(const caf::local_actor& whose) {
  if (!looking_)
    return;
  auto now = clock_();
  auto took = now - since_;
  since_ = now;
  if (took - tick_ >= allowed_)
    report(whose, took, now);
}

void handler_budget::report(const caf::local_actor& whose, span took, span now) {
  exceeded_.fetch_add(1, std::memory_order_relaxed);
  ++unreported_;
  if (now < silent_until_)
    return;
  using std::chrono::milliseconds;
  auto text = [](span time) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
  };
  auto line = "a handler (actor " + std::to_string(whose.id()) + ") held up its loop for " +
              text(took) + ", which may take " + text(allowed_);
  if (unreported_ > 1)
    line += "; " + std::to_string(unreported_ - 1) + " others did since the last such line";
  log_.line(line + "; placement::scheduler is for handlers that block or compute");
  unreported_ = 0;
  silent_until_ = now + std::chrono::seconds(1);
}

} // namespace actornet
