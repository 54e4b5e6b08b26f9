// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>
#include <actornet/net/instant.hpp>
#include <actornet/net/name_lookup.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace actornet::net::simulation {

/// The names that a simulated network knows.
class name_table {
public:
  struct entry {
    std::vector<endpoint> addresses{};
    std::string failure{}; ///< resolver code, empty: none
    bool silent = false;
    duration delay{};
  };
  struct reply {
    expected<std::vector<endpoint>> answer;
    duration delay;
  };

  name_table();
  void set(std::string name, entry what) { entries_[std::move(name)] = std::move(what); }
  /// None: there will never be an answer.
  std::optional<reply> ask(const name_query& query) const;

private:
  std::map<std::string, entry> entries_;
};

} // namespace actornet::net::simulation
