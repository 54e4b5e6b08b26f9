// SPDX-License-Identifier: BSD-3-Clause
#include "support/counted_allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

std::size_t count = 0;

} // namespace

std::size_t actornet::test::counted_allocations() noexcept { return count; }

// All other forms that are used here end in these.

void* operator new(std::size_t size) {
  ++count;
  if (void* made = std::malloc(size))
    return made;
  throw std::bad_alloc();
}

void operator delete(void* what) noexcept { std::free(what); }
void operator delete(void* what, std::size_t) noexcept { std::free(what); }
