// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_file_strand.hpp"
#include "kernel_pump.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace actornet::net {

/// From a file to a stream: a file thread fills one pipe while the loop empties the other into the
/// socket. A slow disk never holds up the loop.
class file_source_pump final : public kernel_pump {
public:
  file_source_pump(kernel_backend& home, std::shared_ptr<report_inbox> inbox, pump_events& events,
                   std::shared_ptr<file_strand> from, kernel_stream& to)
      : kernel_pump(home, std::move(inbox), events), from_(std::move(from)), to_(&to) {}

  expected<void> begin();

  void on_writable() override;

private:
  class load;

  void go_on() override;
  bool halt() override;
  void take_back(std::vector<chunk>& into) override;
  void release_sink() override;
  void let_go() override;

  void submit(std::unique_ptr<kernel_pipe> empty);
  void send_some();
  void tell_if_over();

  const std::shared_ptr<file_strand> from_;
  kernel_stream* to_;
  // At the file thread's, in order. Its pipes are the loop's again when they are done, or halted.
  std::deque<std::shared_ptr<load>> loading_;
  std::deque<std::unique_ptr<kernel_pipe>> full_;
  std::optional<error> source_failure_;
  bool is_blocked_ = false; // the sink has no room
  bool is_first_ = true;    // no byte was moved yet

  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<error> failure_;
  bool is_read_ = false; // to its end
  bool halted_ = false;
  bool is_running_ = false; // a file thread is in a call
  bool is_reported_ = false;
};

} // namespace actornet::net
