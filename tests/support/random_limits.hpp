// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "dice.hpp"

#include <actornet/connection_limits.hpp>

#include <actornet/net/address_list.hpp>

#include <cstdint>

namespace actornet::test {

/// What a broker may be told, so small that a few clients reach it; `wait` more often than others.
inline std::int64_t some_limit(dice& chance) {
  return chance.chance(50) ? -1 : static_cast<std::int64_t>(chance.upto(6));
}

inline connection_limits some_limits(dice& chance) {
  connection_limits result;
  for (auto* each : {&result.total, &result.per_listener, &result.per_address, &result.per_prefix})
    *each = some_limit(chance);
  if (chance.chance(40)) {
    result.accepts_per_second = chance.one_of<std::int64_t>({0, 1, 10, 50, 200});
    result.accepts_burst = chance.one_of<std::int64_t>({0, 1, 5});
  }
  return result;
}

inline over_limit some_policy(dice& chance) {
  return chance.one_of<over_limit>(
      {over_limit::drop, over_limit::reset, over_limit::reply, over_limit::wait, over_limit::wait});
}

/// Nobody, or one of two networks.
inline net::address_list some_list(dice& chance) {
  return chance.chance(50) ? net::address_list{} : *net::address_list::parse({"10.0.1.0/24"});
}

} // namespace actornet::test
