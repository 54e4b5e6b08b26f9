// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "coarse_clock.hpp"
#include "line_limit.hpp"

#include <caf/fwd.hpp>

#include <mutex>

namespace actornet {

class log_sink;

/// Says which messages came to hosted actors that have no case for them, so that the mistake is
/// seen: one line a second at most, with the number of those that it stands for.
///
/// CAF prints each, through one actor of the whole system that blocks, to standard output.
class stray_messages {
public:
  /// `log` outlives this.
  explicit stray_messages(log_sink& log, coarse_clock clock = coarse_clock::of_kernel());

  /// Any thread.
  void report(const caf::local_actor& whose, const caf::type_erased_tuple& what);

private:
  log_sink& log_;
  coarse_clock clock_;
  std::mutex mutex_;
  line_limit limit_; // guarded by mutex_
};

} // namespace actornet
