// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "backend.hpp"

#include <actornet/net/name_lookup.hpp>

#include <optional>
#include <vector>

namespace actornet::net::simulation {

/// A question to the names of a simulated network.
class lookup final : public name_lookup, public source {
public:
  lookup(backend& home, name_lookup_events& events) : home_(home), events_(events) {}

  void begin(const name_query& query);
  void cancel() override { let_go(); }
  void on_turn() override;

private:
  backend& home_;
  name_lookup_events& events_;
  std::optional<expected<std::vector<endpoint>>> answer_;
};

} // namespace actornet::net::simulation
