// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace actornet::net {

class receive_budget;
class receive_window_ptr;

/// How many received bytes of one connection may be alive at once.
///
/// Blocks charge their capacity when they are filled and give it back when they are freed, on
/// whatever thread that is. The connection looks at `has_room_or_wait()` before it reads and stops
/// reading when there is none; `on_room` then calls it back, once. This is the whole of
/// back-pressure on the receiving side: whoever keeps bytes, holds the peer back.
///
/// There is room as long as less than `bytes_max` is held, so the last block that is charged may
/// reach beyond it; and, if there is a budget, as long as that has room, or nothing is held here.
/// Made by `make_receive_window`; lives until the last `receive_window_ptr` is gone and all charged
/// bytes are released.
class receive_window {
public:
  receive_window(const receive_window&) = delete;
  receive_window& operator=(const receive_window&) = delete;

  /// Any thread that holds a pointer. The window lives at least until the bytes are released.
  void charge(std::size_t bytes) noexcept;
  /// Any thread, once for each charge. Calls `on_room` if the owner waits and there is room again.
  void release(std::size_t bytes) noexcept;

  /// Owner's thread. True: read on, and no call of `on_room` is owed any more. False: there is no
  /// room now, and `on_room` will be called exactly once when there is.
  bool has_room_or_wait() noexcept {
    const auto state = state_.load(std::memory_order_acquire);
    return (!budget_ && held(state) < max_ && (state & waiting) == 0) || look_for_room();
  }
  /// Owner's thread. No further `on_room`, whatever is freed. A window that nobody points at any
  /// more does not call either.
  void stop_waiting() noexcept;

  /// For the budget: there is room in it. `on_room` is called if the owner waits.
  void wake() noexcept { release_here(0); }

  std::size_t bytes_held() const noexcept { return held(state_.load(std::memory_order_relaxed)); }
  std::size_t bytes_max() const noexcept { return max_; }
  /// Until it is full; what is held beyond that does not count.
  std::size_t bytes_left() const noexcept { return max_ - std::min(max_, bytes_held()); }

private:
  friend class receive_window_ptr;
  friend receive_window_ptr make_receive_window(std::size_t bytes_max,
                                                std::function<void()> on_room,
                                                std::shared_ptr<receive_budget> budget);

  // One word: bytes held, whether the owner waits, pointers. So charging and releasing is a single
  // atomic operation that also keeps the window alive, and nothing can come between the last byte
  // released and the owner's decision to wait.
  static constexpr unsigned held_bits = 44; // 16 TiB, more than is ever in memory
  static constexpr std::uint64_t held_mask = (std::uint64_t{1} << held_bits) - 1;
  static constexpr std::uint64_t waiting = std::uint64_t{1} << held_bits;
  static constexpr std::uint64_t one_pointer = waiting << 1;

  static std::size_t held(std::uint64_t state) noexcept { return state & held_mask; }
  static bool is_garbage(std::uint64_t state) noexcept { return (state & ~waiting) == 0; }

  receive_window(std::size_t bytes_max, std::function<void()> on_room,
                 std::shared_ptr<receive_budget> budget);
  ~receive_window() = default;
  void release_here(std::size_t bytes) noexcept;
  bool look_for_room() noexcept;
  bool has_room_here_or_wait() noexcept;
  void add_pointer() noexcept;
  void drop_pointer() noexcept;

  std::atomic<std::uint64_t> state_{one_pointer};
  const std::size_t max_;
  const std::function<void()> on_room_;
  const std::shared_ptr<receive_budget> budget_;
  bool waits_for_budget_ = false; // owner's thread
};

/// A counted pointer to a window; null by default.
class receive_window_ptr {
public:
  receive_window_ptr() noexcept = default;
  receive_window_ptr(std::nullptr_t) noexcept {}
  receive_window_ptr(const receive_window_ptr& other) noexcept : window_(other.window_) {
    if (window_)
      window_->add_pointer();
  }
  receive_window_ptr(receive_window_ptr&& other) noexcept
      : window_(std::exchange(other.window_, nullptr)) {}
  receive_window_ptr& operator=(receive_window_ptr other) noexcept {
    std::swap(window_, other.window_);
    return *this;
  }
  ~receive_window_ptr() {
    if (window_)
      window_->drop_pointer();
  }

  receive_window* get() const noexcept { return window_; }
  receive_window* operator->() const noexcept { return window_; }
  receive_window& operator*() const noexcept { return *window_; }
  explicit operator bool() const noexcept { return window_ != nullptr; }
  void reset() noexcept { *this = receive_window_ptr(); }
  friend bool operator==(const receive_window_ptr&, const receive_window_ptr&) noexcept = default;

private:
  friend receive_window_ptr make_receive_window(std::size_t bytes_max,
                                                std::function<void()> on_room,
                                                std::shared_ptr<receive_budget> budget);
  explicit receive_window_ptr(receive_window* adopted) noexcept : window_(adopted) {}

  receive_window* window_ = nullptr;
};

/// A new window. A `bytes_max` of 0 counts as 1: one block at a time.
///
/// `on_room` runs on the thread that frees the block that makes room: it must only post, and must
/// not throw. It may run a last time while or shortly after `stop_waiting()` returns. It is
/// destroyed with the window, on whatever thread that is. It may be empty, for an owner who asks
/// again by himself.
///
/// With a `budget` the owner calls `stop_waiting` before it drops its pointer, and `on_room` may
/// come once more than it is owed.
receive_window_ptr make_receive_window(std::size_t bytes_max, std::function<void()> on_room,
                                       std::shared_ptr<receive_budget> budget = nullptr);

} // namespace actornet::net
