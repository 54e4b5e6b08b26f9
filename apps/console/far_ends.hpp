// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>

#include <caf/actor_addr.hpp>

#include <map>
#include <vector>

namespace console {

/// The connections to where others are forwarded: each is the far end of one that has a number, the
/// near end. A far end is here until it is closed, which may be long after its near one.
class far_ends {
public:
  void add(const actornet::connection& near, const actornet::connection& far) {
    near_[far.id()] = near;
    far_[near.id()] = far;
  }

  void remove(const actornet::connection& far) {
    if (const auto found = near_.extract(far.id()))
      far_.erase(found.mapped().id());
  }

  bool holds(const actornet::connection& peer) const { return near_.contains(peer.id()); }

  /// Null when it has none (any more).
  const actornet::connection* far_of(const actornet::connection& near) const {
    return find(far_, near);
  }
  /// Null when it is no far end (any more).
  const actornet::connection* near_of(const actornet::connection& far) const {
    return find(near_, far);
  }
  /// The one at its other end, whichever of the two it is.
  const actornet::connection* other_of(const actornet::connection& peer) const {
    const auto* near = near_of(peer);
    return near ? near : far_of(peer);
  }

  std::vector<actornet::connection> all() const {
    std::vector<actornet::connection> result;
    for (const auto& [near, far] : far_)
      result.push_back(far);
    return result;
  }

private:
  using others = std::map<caf::actor_id, actornet::connection>;

  static const actornet::connection* find(const others& among, const actornet::connection& peer) {
    const auto found = among.find(peer.id());
    return found == among.end() ? nullptr : &found->second;
  }

  others near_; // by their far ends
  others far_;  // by their near ends
};

} // namespace console
