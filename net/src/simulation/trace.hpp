// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace actornet::net::simulation {

/// What happened, line by line: kept, or only hashed.
class trace {
public:
  explicit trace(bool keep) noexcept : keep_(keep) {}

  void add(instant when, std::string_view what) {
    auto line = std::to_string(when.time_since_epoch().count()) + "ns " + std::string(what);
    for (char each : line)
      mix(each);
    mix('\n');
    if (keep_)
      lines_.push_back(std::move(line));
  }

  std::uint64_t hash() const noexcept { return hash_; }
  const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
  // FNV-1a.
  void mix(char each) noexcept {
    hash_ = (hash_ ^ static_cast<unsigned char>(each)) * 0x100000001b3;
  }

  bool keep_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::vector<std::string> lines_;
};

} // namespace actornet::net::simulation
