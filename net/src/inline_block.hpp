// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "trailing_bytes.hpp"

#include <actornet/net/block.hpp>
#include <actornet/net/chunk.hpp>

#include <cstring>
#include <span>

namespace actornet::net {

/// A block of the right size for the bytes that it holds, in one allocation with them.
class inline_block final : public block {
public:
  explicit inline_block(std::size_t total) noexcept : block(total, free) {}

  /// A copy of `bytes`, charged to `window` if there is one. Empty bytes need no block.
  static chunk copy_of(std::span<const std::byte> bytes, const receive_window_ptr& window) {
    if (bytes.empty())
      return {};
    auto* const made = trailing_bytes<inline_block>::make(bytes.size());
    auto* const data = trailing_bytes<inline_block>::of(made);
    std::memcpy(data, bytes.data(), bytes.size());
    made->charge(window);
    return chunk::of(block_ptr(made), data, bytes.size());
  }

private:
  static void free(block* gone) noexcept {
    trailing_bytes<inline_block>::destroy(static_cast<inline_block*>(gone));
  }
};

} // namespace actornet::net
