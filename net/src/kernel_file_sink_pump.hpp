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

/// From a stream into a file: the loop fills one pipe while a file thread empties the other into
/// the file. A slow disk holds up the file thread and, when both pipes are full, the stream; never
/// the loop, which does not touch a pipe that a file thread has.
class file_sink_pump final : public kernel_pump {
public:
  file_sink_pump(kernel_backend& home, std::shared_ptr<report_inbox> inbox, pump_events& events,
                 kernel_stream& from, std::shared_ptr<file_strand> to);

  expected<void> begin();

  void on_early(chunk bytes) override { early_.push_back(std::move(bytes)); }
  void on_readable() override;

private:
  class drain;

  void go_on() override;
  bool halt() override;
  void take_back(std::vector<chunk>& into) override;
  void let_go() override;

  void fill_some();
  void hand_over();
  void tell_if_over();

  kernel_stream* from_;
  const std::shared_ptr<file_strand> to_;
  std::vector<std::unique_ptr<kernel_pipe>> idle_;
  std::unique_ptr<kernel_pipe> filling_;
  // At the file thread's, in order. Its pipes are the loop's again when they are done, or halted.
  std::deque<std::shared_ptr<drain>> draining_;
  bool is_first_ = true; // no byte was moved yet

  std::mutex mutex_;
  // Guarded by mutex_.
  std::size_t moved_ = 0; // and not told
  std::optional<error> failure_;
  bool halted_ = false;
  bool is_running_ = false; // a file thread is in a call
  bool is_reported_ = false;
};

} // namespace actornet::net
