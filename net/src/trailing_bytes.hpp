// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "small_pieces.hpp"

#include <cstddef>
#include <new>
#include <utility>

namespace actornet::net {

/// The `size` bytes that follow a `Header` in the same allocation: one call of the allocator where
/// there would be two. `Header` is constructed with `(header and bytes, args...)`, and says so in
/// `capacity()`.
template <class Header> struct trailing_bytes {
  template <class... Args> static Header* make(std::size_t size, Args&&... args) {
    const auto total = sizeof(Header) + size;
    return ::new (small_pieces::take(total)) Header(total, std::forward<Args>(args)...);
  }

  static void destroy(Header* header) noexcept {
    const auto total = header->capacity();
    header->~Header();
    small_pieces::give_back(header, total);
  }

  static std::byte* of(Header* header) noexcept { return reinterpret_cast<std::byte*>(header + 1); }
};

} // namespace actornet::net
