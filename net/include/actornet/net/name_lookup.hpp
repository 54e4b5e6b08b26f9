// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace actornet::net {

struct name_query {
  std::string host;
  std::uint16_t port = 0;
  /// `none`: both families.
  address_family family = address_family::none;
};

/// Who is told the answer. Called on the loop's thread, only from `poll` or `flush`, once.
class name_lookup_events {
public:
  /// `found` is in the resolver's order (RFC 6724), without duplicates, never empty.
  virtual void on_resolved(std::vector<endpoint> found) = 0;
  /// `trouble::not_resolved`, with the host in `address`.
  virtual void on_not_resolved(const error& why) = 0;

protected:
  ~name_lookup_events() = default;
};

/// A question under way. It has no deadline of its own: whoever asked cancels when theirs passes.
class name_lookup {
public:
  /// Nothing is told any more. The object is gone after it, also once the answer was told.
  virtual void cancel() = 0;

  struct canceller {
    void operator()(name_lookup* lookup) const { lookup->cancel(); }
  };

protected:
  ~name_lookup() = default;
};

using name_lookup_ptr = std::unique_ptr<name_lookup, name_lookup::canceller>;

} // namespace actornet::net
