// SPDX-License-Identifier: BSD-3-Clause
#include "small_pieces.hpp"

#include <utility>

namespace actornet::net {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keeps = false;
#elif defined(__has_feature)
constexpr bool keeps = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool keeps = true;
#endif

} // namespace

/// Frees what a thread keeps when that ends. What is given back still later is not kept.
struct small_pieces::closer {
  ~closer() {
    shelf_.now = stage::closed;
    shelf_.room = 0;
    for (auto& first : shelf_.first)
      while (first != nullptr)
        ::operator delete(std::exchange(first, first->next));
  }
};

bool small_pieces::begin() noexcept {
  if (!keeps || shelf_.now != stage::unused)
    return false;
  thread_local const closer at_the_end;
  shelf_.now = stage::in_use;
  shelf_.room = kept_bytes_max;
  return true;
}

std::size_t small_pieces::kept_bytes() noexcept {
  return shelf_.now == stage::in_use ? kept_bytes_max - shelf_.room : 0;
}

} // namespace actornet::net
