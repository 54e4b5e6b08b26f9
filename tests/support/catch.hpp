// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one place that knows which Catch2 is installed: 3.x (Debian 13) or 2.13 (Debian 12). Tests
// use the names of 3.x.

#if __has_include(<catch2/catch_all.hpp>)

#include <catch2/catch_all.hpp>

#else

#include <catch2/catch.hpp>

namespace Catch {

using Detail::Approx;

namespace Matchers {

// NOLINTNEXTLINE(readability-identifier-naming): the name that Catch2 gave it
inline auto ContainsSubstring(const std::string& part) { return Contains(part); }

} // namespace Matchers

} // namespace Catch

#endif
