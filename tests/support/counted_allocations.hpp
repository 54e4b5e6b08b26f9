// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace actornet::test {

/// How often `operator new` was called so far, in a program of tests that has
/// counted_allocations.cpp, which replaces it. For one thread.
std::size_t counted_allocations() noexcept;

} // namespace actornet::test
