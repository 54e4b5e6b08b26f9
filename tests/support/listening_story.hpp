// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/served_client.hpp"

#include <cstdint>

/// What tests of listeners ask again and again.
namespace actornet::test {

inline std::uint64_t count_of(served_client& story) {
  return story.handler.asks(story.server, get_connections{}).value<connections>().count;
}

inline listener_info info_of(served_client& story) {
  return story.handler.asks(story.server, get_info{}).value<listener_info>();
}

/// A further client that is served.
inline net::simulated_peer served_too(served_client& story) {
  auto client = one_more_client(story);
  story.owner.expects<accepted>();
  story.handler.expects<connected>();
  return client;
}

} // namespace actornet::test
