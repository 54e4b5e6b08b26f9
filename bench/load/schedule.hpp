// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "result.hpp"
#include "server.hpp"

#include <cstddef>
#include <cstdint>

namespace load {

struct schedule_options {
  double seconds = 2; // that are measured
  double warmup_seconds = 0.3;
};

/// The course of a measurement: a warm-up, the seconds that count, and a rest in which nothing new
/// is begun. Keeps the clock, and writes what it measures itself into a `result`.
class schedule {
public:
  enum class phase { warming_up, measuring, draining };

  /// `filled` must outlive the schedule.
  schedule(const schedule_options& options, const server& peer, result& filled);

  /// Begins the warm-up.
  void start();

  phase current() const { return phase_; }
  bool is_measuring() const { return phase_ == phase::measuring; }
  bool is_draining() const { return phase_ == phase::draining; }

  /// When something last came back, or a poll found nothing: the clock is not read for each
  /// message.
  std::uint64_t now() const { return now_ns_; }

  /// The load got something back: reads the clock.
  void progress();

  /// A poll is over, and has found `count` events. Enters the next phase when it is time.
  void polled(std::size_t count);

  /// Nothing has come back for 5 seconds.
  bool is_stuck() const;

private:
  void begin_measuring();
  void end_measuring();

  const std::uint64_t measured_ns_;
  const std::uint64_t warmup_ns_;
  const server server_;
  result& result_;
  phase phase_ = phase::warming_up;
  std::uint64_t now_ns_ = 0;
  std::uint64_t phase_began_ns_ = 0;
  std::uint64_t progressed_ns_ = 0;
  std::uint64_t server_cpu_began_ns_ = 0;
  std::uint64_t load_cpu_began_ns_ = 0;
  std::uint64_t polls_ = 0;
  std::uint64_t empty_polls_ = 0;
};

} // namespace load
