// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_pump.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace actornet::net {

/// From a stream to another of the same loop, through one pipe. No call of it ever waits.
class stream_pump final : public kernel_pump {
public:
  stream_pump(kernel_backend& home, std::shared_ptr<report_inbox> inbox, pump_events& events,
              kernel_stream& from, kernel_stream& to)
      : kernel_pump(home, std::move(inbox), events), from_(&from), to_(&to) {}

  expected<void> begin();

  void on_early(chunk bytes) override { early_.push_back(std::move(bytes)); }
  void on_readable() override { move(); }
  void on_writable() override;

private:
  void go_on() override {}
  bool halt() override { return true; }
  void take_back(std::vector<chunk>& into) override { pipe_->take_back(into); }
  void release_sink() override;
  void let_go() override;

  void move();
  bool move_once();

  kernel_stream* from_;
  kernel_stream* to_;
  std::unique_ptr<kernel_pipe> pipe_;
  bool is_blocked_ = false; // the sink has no room
};

} // namespace actornet::net
