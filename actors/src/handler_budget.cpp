// SPDX-License-Identifier: BSD-3-Clause
#include "handler_budget.hpp"

#include "log_sink.hpp"

#include <caf/local_actor.hpp>

#include <string>

namespace actornet {

handler_budget::handler_budget(std::chrono::milliseconds allowed, log_sink& log, coarse_clock clock)
    : log_(log), clock_(clock), allowed_(allowed) {}

void handler_budget::begin_to_look() {
  looking_ = true;
  since_ = clock_.now();
}

void handler_budget::look_back(const caf::local_actor& whose) {
  auto now = clock_.now();
  auto took = now - since_;
  since_ = now;
  if (took - clock_.tick >= allowed_)
    report(whose, took, now);
}

void handler_budget::report(const caf::local_actor& whose, span took, span now) {
  exceeded_.fetch_add(1, std::memory_order_relaxed);
  auto others = limit_.due(now);
  if (!others)
    return;
  using std::chrono::milliseconds;
  auto text = [](span time) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
  };
  auto line = "a handler (actor " + std::to_string(whose.id()) + ") held up its loop for " +
              text(took) + ", which may take " + text(allowed_);
  if (*others > 0)
    line += "; " + std::to_string(*others) + " others did since the last such line";
  log_.line(line + "; placement::scheduler is for handlers that block or compute");
}

} // namespace actornet
