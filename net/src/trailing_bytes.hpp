// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace actornet::net {

/// The `size` bytes that follow a `Header` in the same allocation: one call of the allocator where
/// there would be two. `Header` is constructed with `(header and bytes, args...)`.
template <class Header> struct trailing_bytes {
  template <class... Args> static Header* make(std::size_t size, Args&&... args) {
    const auto total = sizeof(Header) + size;
    return ::new (::operator new(total)) Header(total, std::forward<Args>(args)...);
  }

  static void destroy(Header* header) noexcept {
    header->~Header();
    ::operator delete(header);
  }

  static std::byte* of(Header* header) noexcept { return reinterpret_cast<std::byte*>(header + 1); }
};

} // namespace actornet::net
