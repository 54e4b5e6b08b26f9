// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/receive_window.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

namespace actornet::net {

/// Memory that chunks share: a reference count, and whoever knows how to free it.
///
/// References may be added and dropped on any thread.
class block {
public:
  /// Called with the last reference gone, on the thread that dropped it.
  using free_function = void (*)(block*) noexcept;

  /// `capacity`: all the memory that is kept as long as this block lives, in bytes, its header
  /// included, so that a great many tiny blocks are no cheaper for a window than they are in fact.
  block(std::size_t capacity, free_function free) noexcept : capacity_(capacity), free_(free) {}
  block(const block&) = delete;
  block& operator=(const block&) = delete;

  std::size_t capacity() const noexcept { return capacity_; }

  /// From now until it is freed this block counts `capacity()` bytes in `window`, if that is not
  /// null. At most once in a life, before the block is shared. The bytes are given back after the
  /// memory is, so that `on_room` finds it free.
  void charge(const receive_window_ptr& window) noexcept;

  void add_reference() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop_reference() noexcept {
    // Who holds the only reference needs no read-modify-write: nobody else is there to interfere.
    if (references_.load(std::memory_order_acquire) == 1 ||
        references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      last_reference_gone();
  }
  /// More than one reference; only who holds one may ask, and only "no" lasts.
  bool is_shared() const noexcept { return references_.load(std::memory_order_acquire) != 1; }
  /// For a block that its pool lends again: the state after construction.
  void reset() noexcept { references_.store(1, std::memory_order_relaxed); }

protected:
  ~block() = default;

private:
  void last_reference_gone() noexcept;

  std::atomic<std::size_t> references_{1};
  const std::size_t capacity_;
  const free_function free_;
  // Kept alive by the bytes that are charged.
  receive_window* window_ = nullptr;
};

/// A counted reference to a block.
class block_ptr {
public:
  block_ptr() noexcept = default;
  /// Takes over one reference, for example that of a new block.
  explicit block_ptr(block* adopted) noexcept : block_(adopted) {}
  block_ptr(const block_ptr& other) noexcept : block_(other.block_) {
    if (block_)
      block_->add_reference();
  }
  block_ptr(block_ptr&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  block_ptr& operator=(block_ptr other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~block_ptr() {
    if (block_)
      block_->drop_reference();
  }

  block* get() const noexcept { return block_; }
  block* operator->() const noexcept { return block_; }
  explicit operator bool() const noexcept { return block_ != nullptr; }

private:
  block* block_ = nullptr;
};

} // namespace actornet::net
