// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/testkit.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace actornet::test {

/// How events are to be delivered, by the environment's ACTORNET_DELIVERY: `in_place` or `plain`.
inline delivery chosen_delivery() {
  const char* chosen = std::getenv("ACTORNET_DELIVERY");
  if (chosen == nullptr || std::string_view(chosen) == "in_place")
    return delivery::in_place;
  if (std::string_view(chosen) == "plain")
    return delivery::plain;
  throw std::invalid_argument("ACTORNET_DELIVERY must be in_place or plain");
}

/// The testkit's world, with delivery as the environment chooses: the same tests hold for both.
class world : public testkit::world {
public:
  world() : world(options{}) {}
  explicit world(options how) : testkit::world(delivered(how)) {}

private:
  static options delivered(options how) {
    how.events = chosen_delivery();
    return how;
  }
};

} // namespace actornet::test
