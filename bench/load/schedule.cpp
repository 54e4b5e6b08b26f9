// SPDX-License-Identifier: BSD-3-Clause
#include "schedule.hpp"

#include "clock.hpp"

namespace load {

namespace {

constexpr std::uint64_t patience_ns = 5 * ns_per_second;

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

} // namespace

schedule::schedule(const schedule_options& options, const server& peer, result& filled)
    : measured_ns_(to_ns(options.seconds)), warmup_ns_(to_ns(options.warmup_seconds)),
      server_(peer), result_(filled) {}

void schedule::start() { now_ns_ = phase_began_ns_ = progressed_ns_ = now_ns(); }

void schedule::progress() { now_ns_ = progressed_ns_ = now_ns(); }

void schedule::polled(std::size_t count) {
  ++polls_;
  if (count == 0) {
    ++empty_polls_;
    now_ns_ = now_ns();
  }
  const auto elapsed_ns = now_ns_ - phase_began_ns_;
  if (phase_ == phase::warming_up && elapsed_ns >= warmup_ns_)
    begin_measuring();
  else if (phase_ == phase::measuring && elapsed_ns >= measured_ns_)
    end_measuring();
}

bool schedule::is_stuck() const { return now_ns_ - progressed_ns_ > patience_ns; }

void schedule::begin_measuring() {
  phase_ = phase::measuring;
  polls_ = empty_polls_ = 0;
  server_cpu_began_ns_ = cpu_ns_of(server_);
  load_cpu_began_ns_ = read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  phase_began_ns_ = now_ns_ = now_ns();
}

void schedule::end_measuring() {
  phase_ = phase::draining;
  now_ns_ = now_ns();
  result_.seconds = to_seconds(now_ns_ - phase_began_ns_);
  result_.server_cpu_seconds = to_seconds(cpu_ns_of(server_) - server_cpu_began_ns_);
  result_.load_cpu_seconds =
      to_seconds(read_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - load_cpu_began_ns_);
  result_.empty_polls = static_cast<double>(empty_polls_) / static_cast<double>(polls_);
}

} // namespace load
