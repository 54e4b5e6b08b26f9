// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "stream_end.hpp"

#include <deque>

namespace actornet::net::simulation {

/// A listening socket as the kernel holds it, with the connections that wait to be accepted.
class listener_end {
public:
  listener_end(kernel& home, endpoint local, listen_options chosen)
      : home_(home), local_(std::move(local)), chosen_(chosen) {}
  listener_end(const listener_end&) = delete;
  listener_end& operator=(const listener_end&) = delete;

  const endpoint& local() const noexcept { return local_; }
  const listen_options& chosen() const noexcept { return chosen_; }
  bool is_closed() const noexcept { return closed_; }
  void watch(watcher* who) noexcept { watcher_ = who; }

  bool has_waiting() const noexcept { return !waiting_.empty(); }
  /// The oldest that waits, null if none does.
  stream_end_ptr take();
  /// Resets those that wait. Harmless to repeat.
  void close();

  bool is_full() const noexcept;
  void arrive(stream_end_ptr server);

private:
  kernel& home_;
  const endpoint local_;
  const listen_options chosen_;
  bool closed_ = false;
  watcher* watcher_ = nullptr;
  std::deque<stream_end_ptr> waiting_;
};

using listener_end_ptr = std::shared_ptr<listener_end>;

} // namespace actornet::net::simulation
