// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/held_end.hpp"

#include "uring_backend.hpp"

#include <actornet/net/resolver.hpp>

#include <cstdint>
#include <deque>
#include <memory>

namespace actornet::test {

inline std::unique_ptr<net::io_backend> make_uring(const net::uring_options& chosen = {}) {
  auto made = net::make_uring_backend(std::make_shared<net::resolver>(), chosen);
  INFO((made ? std::string() : to_string(made.error())));
  REQUIRE(made);
  return std::move(*made);
}

/// How often the loop has entered the kernel.
inline std::uint64_t entries(net::io_backend& loop) {
  return dynamic_cast<net::uring_backend&>(loop).entries();
}

/// How many of its streams wait for a buffer.
inline std::size_t starved(net::io_backend& loop) {
  return dynamic_cast<net::uring_backend&>(loop).starved();
}

inline std::deque<held_end> hold(net::io_backend& loop, std::size_t count) {
  std::deque<held_end> ends;
  for (std::size_t i = 0; i < count; ++i)
    ends.emplace_back(loop);
  loop.poll(loop.now());
  return ends;
}

} // namespace actornet::test
