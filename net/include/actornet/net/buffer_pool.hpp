// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace actornet::net {

/// The receive buffers of one loop: no buffer belongs to a connection until bytes are in it.
///
/// One block lies ready at a time. `take` turns what was received into a chunk: few bytes are
/// copied out into a block of the right size and the big one stays (a handler that keeps 10 bytes
/// must not pin 64 KiB); many bytes go out with their block, and another one takes its place.
/// Blocks come back from any thread, also after the pool is gone.
///
/// Used by one thread, but for the return of blocks.
class buffer_pool {
public:
  struct options {
    std::size_t block_bytes = 64 * 1024;
    /// Below this many bytes they are copied out.
    std::size_t copy_below_bytes = 16 * 1024;
    /// Returned blocks kept for the next use, besides the one that lies ready; more are given back
    /// to the system.
    std::size_t blocks_kept_max = 64;
  };

  buffer_pool();
  explicit buffer_pool(options chosen);
  ~buffer_pool();
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;

  /// Where to receive into: `block_bytes`, the same memory until `take` hands it out.
  std::span<std::byte> writable();
  /// The first `size` bytes of `writable()`, charged to `window` if there is one: the whole block,
  /// if it goes out, otherwise the copy (see `block`). Empty, and not charged, if `size` is 0.
  chunk take(std::size_t size, const receive_window_ptr& window);

  /// A block of `block_bytes` for who receives without `writable` and `take`; it comes back with
  /// its last reference, from any thread. `data` begins on a cache line, as `writable()` does.
  struct lent_block {
    block_ptr owner;
    std::byte* data = nullptr;
  };
  lent_block lend();

  /// Blocks that wait for their next use, the one that lies ready included.
  std::size_t blocks_idle() const noexcept;

private:
  class stock;
  class pooled_block;

  pooled_block* next_block();

  const options options_;
  // Shared with every block that ever came from here, so that the last of them may come back late.
  const std::shared_ptr<stock> stock_;
  pooled_block* ready_ = nullptr;
};

} // namespace actornet::net
