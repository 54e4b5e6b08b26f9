// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "small_pieces.hpp"

#include <cstddef>
#include <new>
#include <utility>

namespace actornet::net {

/// The `size` bytes that follow a `Header` in the same allocation: one call of the allocator where
/// there would be two. `Header` is constructed with `(header and bytes, args...)`, and says so in
/// `capacity()`. Where `Header` wants to be aligned, they are: bytes behind one of 64 begin on a
/// cache line.
template <class Header> struct trailing_bytes {
  template <class... Args> static Header* make(std::size_t size, Args&&... args) {
    const auto total = sizeof(Header) + size;
    return ::new (take(total)) Header(total, std::forward<Args>(args)...);
  }

  static void destroy(Header* header) noexcept {
    const auto total = header->capacity();
    header->~Header();
    give_back(header, total);
  }

  static std::byte* of(Header* header) noexcept { return reinterpret_cast<std::byte*>(header + 1); }

private:
  static constexpr bool is_over_aligned = alignof(Header) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  static void* take(std::size_t total) {
    if constexpr (is_over_aligned)
      return ::operator new(total, std::align_val_t(alignof(Header)));
    else
      return small_pieces::take(total);
  }

  static void give_back(void* gone, std::size_t total) noexcept {
    if constexpr (is_over_aligned)
      ::operator delete(gone, std::align_val_t(alignof(Header)));
    else
      small_pieces::give_back(gone, total);
  }
};

} // namespace actornet::net
