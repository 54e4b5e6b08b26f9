// SPDX-License-Identifier: BSD-3-Clause
#include "support/told_words.hpp"

#include <algorithm>

namespace actornet::test {

std::size_t count_of(std::string_view word, const std::vector<std::string>& told) noexcept {
  return static_cast<std::size_t>(std::count(told.begin(), told.end(), word));
}

} // namespace actornet::test
