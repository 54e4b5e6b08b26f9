// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/error.hpp>
#include <actornet/net/name_lookup.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace actornet::test {

/// A question for a name that keeps the answer.
struct recorded_lookup final : net::name_lookup_events {
  int answers = 0;
  std::vector<net::endpoint> found;
  std::optional<net::error> failure;
  net::name_lookup_ptr lookup;

  void on_resolved(std::vector<net::endpoint> endpoints) override {
    ++answers;
    found = std::move(endpoints);
  }
  void on_not_resolved(const net::error& why) override {
    ++answers;
    failure = why;
  }
};

} // namespace actornet::test
