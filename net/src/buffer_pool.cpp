// SPDX-License-Identifier: BSD-3-Clause
#include "inline_block.hpp"
#include "trailing_bytes.hpp"

#include <actornet/net/buffer_pool.hpp>

#include <atomic>
#include <cassert>

namespace actornet::net {

namespace {

struct link {
  link* next = nullptr;
};

} // namespace

/// The blocks that came back. One thread lends them, any thread returns them.
class buffer_pool::stock {
public:
  explicit stock(std::size_t kept_max) noexcept : kept_max_(kept_max) {}

  /// Lending thread. Null if there is none.
  pooled_block* lend() noexcept;
  /// Any thread. False: not wanted, the caller frees it. True: it may be gone already.
  bool take_back(pooled_block* returned) noexcept;
  /// Lending thread. Frees what is here, and takes nothing back any more.
  void close() noexcept;

  std::size_t kept() const noexcept { return kept_.load(std::memory_order_relaxed); }

private:
  void take_in_returned() noexcept;
  bool push(link* returned) noexcept;
  static void free_all(link* first) noexcept;

  const std::size_t kept_max_;
  // Counted before a block is pushed and after it is popped: never less than what is here.
  std::atomic<std::size_t> kept_{0};
  // A stack that is emptied as a whole, which spares it the ABA problem. `&closed_` at the end.
  std::atomic<link*> returned_{nullptr};
  link closed_;
  // Lending thread only: what it has found in `returned_`.
  link* at_hand_ = nullptr;
};

// Its bytes begin on a cache line: the kernel is slower to copy to and from what does not
// (echo of 64 KiB: a fiftieth of the rate).
class alignas(64) buffer_pool::pooled_block final : public block, public link {
public:
  pooled_block(std::size_t total, std::shared_ptr<stock> home) noexcept
      : block(total, free), home_(std::move(home)) {}

private:
  static void free(block* gone) noexcept {
    auto* const returned = static_cast<pooled_block*>(gone);
    if (!returned->home_->take_back(returned))
      trailing_bytes<pooled_block>::destroy(returned);
  }

  const std::shared_ptr<stock> home_;
};

buffer_pool::pooled_block* buffer_pool::stock::lend() noexcept {
  take_in_returned();
  if (!at_hand_)
    return nullptr;
  auto* const lent = static_cast<pooled_block*>(std::exchange(at_hand_, at_hand_->next));
  kept_.fetch_sub(1, std::memory_order_relaxed);
  lent->reset();
  return lent;
}

// Before the others: what came back last is in the cache.
void buffer_pool::stock::take_in_returned() noexcept {
  if (returned_.load(std::memory_order_relaxed) == nullptr)
    return;
  auto* const fresh = returned_.exchange(nullptr, std::memory_order_acquire);
  auto* last = fresh;
  while (last->next)
    last = last->next;
  last->next = std::exchange(at_hand_, fresh);
}

bool buffer_pool::stock::take_back(pooled_block* returned) noexcept {
  if (kept_.fetch_add(1, std::memory_order_relaxed) < kept_max_ && push(returned))
    return true;
  kept_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

bool buffer_pool::stock::push(link* returned) noexcept {
  auto* head = returned_.load(std::memory_order_relaxed);
  do {
    if (head == &closed_)
      return false;
    returned->next = head;
  } while (!returned_.compare_exchange_weak(head, returned, std::memory_order_release,
                                            std::memory_order_relaxed));
  return true;
}

void buffer_pool::stock::close() noexcept {
  free_all(std::exchange(at_hand_, nullptr));
  free_all(returned_.exchange(&closed_, std::memory_order_acquire));
}

void buffer_pool::stock::free_all(link* first) noexcept {
  while (first)
    trailing_bytes<pooled_block>::destroy(
        static_cast<pooled_block*>(std::exchange(first, first->next)));
}

buffer_pool::buffer_pool() : buffer_pool(options()) {}

buffer_pool::buffer_pool(options chosen)
    : options_(chosen), stock_(std::make_shared<stock>(chosen.blocks_kept_max)) {
  assert(chosen.block_bytes > 0);
}

buffer_pool::~buffer_pool() {
  stock_->close();
  if (ready_)
    trailing_bytes<pooled_block>::destroy(ready_);
}

buffer_pool::pooled_block* buffer_pool::next_block() {
  auto* lent = stock_->lend();
  return lent ? lent : trailing_bytes<pooled_block>::make(options_.block_bytes, stock_);
}

buffer_pool::lent_block buffer_pool::lend() {
  auto* lent = next_block();
  return {block_ptr(lent), trailing_bytes<pooled_block>::of(lent)};
}

std::span<std::byte> buffer_pool::writable() {
  if (!ready_)
    ready_ = next_block();
  return {trailing_bytes<pooled_block>::of(ready_), options_.block_bytes};
}

chunk buffer_pool::take(std::size_t size, const receive_window_ptr& window) {
  assert(size <= options_.block_bytes);
  const auto filled = writable().first(size);
  if (size == 0 || size < options_.copy_below_bytes)
    return inline_block::copy_of(filled, window);
  auto* const lent = std::exchange(ready_, nullptr);
  lent->charge(window);
  return chunk::of(block_ptr(lent), filled.data(), size);
}

std::size_t buffer_pool::blocks_idle() const noexcept { return stock_->kept() + (ready_ ? 1 : 0); }

} // namespace actornet::net
