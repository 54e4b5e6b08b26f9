// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace actornet::test {

/// How often `word` is among what somebody was told. Compiled optimised, unlike the tests: they ask
/// after each turn of a loop, when there may be ten thousands of words.
std::size_t count_of(std::string_view word, const std::vector<std::string>& told) noexcept;

} // namespace actornet::test
