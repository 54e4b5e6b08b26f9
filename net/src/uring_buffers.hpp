// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "uring_queue.hpp"

#include <actornet/net/buffer_pool.hpp>

#include <vector>

namespace actornet::net {

/// The buffers that the kernel chooses from when bytes come in: none belongs to a connection.
///
/// Where the kernel can do it, receives fill a buffer one behind the other, so that a few of them
/// are enough for any number of small messages, and stay in the cache. Few bytes are copied out;
/// many are given away with their buffer, whose place another one takes.
class uring_buffers {
public:
  /// EINVAL or ENOMEM of io_uring_register(2).
  static expected<std::unique_ptr<uring_buffers>> make(uring_queue& queue, buffer_pool& pool,
                                                       const uring_options& chosen);
  ~uring_buffers();
  uring_buffers(const uring_buffers&) = delete;
  uring_buffers& operator=(const uring_buffers&) = delete;

  static constexpr unsigned short group = 0;

  /// The `size` bytes of a completion with these `flags`, charged to `window`.
  chunk take(unsigned flags, std::size_t size, const receive_window_ptr& window);
  /// Nobody wants them.
  void drop(unsigned flags, std::size_t size);
  unsigned count() const noexcept { return static_cast<unsigned>(buffers_.size()); }
  /// Gives back to the kernel what was used up since the last call.
  void give_back();

private:
  struct buffer {
    buffer_pool::lent_block block;
    std::size_t used = 0; // bytes in front that were received
  };

  uring_buffers(uring_queue& queue, buffer_pool& pool, const uring_options& chosen);
  expected<void> enlist();
  chunk share(buffer& from, std::size_t size, const receive_window_ptr& window) const;
  void advance(unsigned flags, std::size_t size);
  void offer(unsigned short number);

  uring_queue& queue_;
  buffer_pool& pool_;
  const uring_options options_;
  io_uring_buf_ring* shared_ = nullptr;
  std::vector<buffer> buffers_;
  bool incremental_ = false;
  int offered_ = 0; // not yet seen by the kernel
};

} // namespace actornet::net
