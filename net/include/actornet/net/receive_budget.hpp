// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

namespace actornet::net {

class receive_window;

/// How many received bytes of many connections may be alive at once, beside the window that each
/// has: see `make_receive_window`. When it is used up, a connection reads only if it holds nothing
/// itself; so those that hold much do not silence the others, and what is held at most is the
/// budget and one block for each connection.
///
/// Any thread.
class receive_budget {
public:
  explicit receive_budget(std::size_t bytes_max) : max_(bytes_max) {}
  receive_budget(const receive_budget&) = delete;
  receive_budget& operator=(const receive_budget&) = delete;

  std::size_t bytes_max() const noexcept { return max_; }
  std::size_t bytes_held() const noexcept { return held_.load(std::memory_order_relaxed); }
  bool has_room() const noexcept { return bytes_held() < max_; }

  // -- for windows -------------------------------------------------------------------------------

  void charge(std::size_t bytes) noexcept { held_.fetch_add(bytes, std::memory_order_relaxed); }
  /// Wakes who waits if there is room again.
  void release(std::size_t bytes) noexcept;
  /// `who` is woken when there is room, once, unless it stops waiting. It must live until then.
  void wait(receive_window& who);
  void stop_waiting(receive_window& who) noexcept;

private:
  const std::size_t max_;
  std::atomic<std::size_t> held_{0};
  std::mutex mutex_;
  std::vector<receive_window*> waiting_;
};

} // namespace actornet::net
