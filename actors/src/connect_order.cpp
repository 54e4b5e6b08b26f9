// SPDX-License-Identifier: BSD-3-Clause
#include "connect_order.hpp"

#include <algorithm>

namespace actornet {

std::vector<net::endpoint> connect_order(std::vector<net::endpoint> found,
                                         net::address_family from) {
  auto fits = [&](const auto& each) { return each.family() == from; };
  if (std::any_of(found.begin(), found.end(), fits))
    std::erase_if(found, [&](const auto& each) { return !fits(each); });
  if (found.empty())
    return found;
  auto others = std::stable_partition(
      found.begin(), found.end(),
      [family = found.front().family()](const auto& each) { return each.family() == family; });
  std::vector<net::endpoint> result;
  auto first = found.begin();
  for (auto second = others; first != others || second != found.end();) {
    if (first != others)
      result.push_back(*first++);
    if (second != found.end())
      result.push_back(*second++);
  }
  return result;
}

} // namespace actornet
