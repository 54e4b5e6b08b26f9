// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_file_strand.hpp"
#include "kernel_pump.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace actornet::net {

/// From a stream into a file. The loop waits for bytes; a file thread moves them, from the socket
/// into a pipe and from the pipe into the file, for as long as there are some, and then hands back
/// to the loop. So many bytes cost no more than few hops between threads, and a disk that is slow,
/// or hangs, holds up that thread and the stream; never the loop, which does not touch the pipe.
class file_sink_pump final : public kernel_pump {
public:
  file_sink_pump(kernel_backend& home, std::shared_ptr<report_inbox> inbox, pump_events& events,
                 kernel_stream& from, std::shared_ptr<file_strand> to);

  expected<void> begin();

  void on_early(chunk bytes) override;
  void on_readable() override;

private:
  class burst;

  void go_on() override;
  bool halt() override;
  void take_back(std::vector<chunk>& into) override;
  void let_go() override;

  kernel_stream* from_;
  const std::shared_ptr<file_strand> to_;
  bool has_moved_ = false;
  bool is_at_work_ = false; // a file thread is to move, or moves, what comes

  std::mutex mutex_;
  // Guarded by mutex_. The pipe is the loop's only if nothing is moved any more.
  std::unique_ptr<kernel_pipe> pipe_;
  std::size_t moved_ = 0; // and not told
  std::optional<error> failure_;
  bool is_drained_ = false; // the socket is: the loop is to wait for more
  bool halted_ = false;
  bool is_running_ = false; // a file thread is in a call on the file
  bool is_reported_ = false;
  instant reported_{}; // when
};

} // namespace actornet::net
