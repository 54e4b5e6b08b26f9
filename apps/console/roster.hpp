// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handles.hpp>
#include <actornet/messages.hpp>

#include <caf/actor_addr.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace console {

/// The connections that have a number: 1, 2, ... in the order of `announce`, or else of `add`,
/// never used again.
class roster {
public:
  using number = std::uint64_t;

  /// It will be added, but perhaps behind others that were announced later.
  void announce(const actornet::connection& peer) { announced_.emplace(peer.id(), ++last_); }

  number add(const actornet::connection& peer) {
    const auto found = announced_.extract(peer.id());
    const auto chosen = found ? found.mapped() : ++last_;
    by_number_.emplace(chosen, peer);
    numbers_.emplace(peer.id(), chosen);
    return chosen;
  }

  void remove(const actornet::connection& peer) {
    announced_.erase(peer.id());
    given_up_.erase(peer.id());
    if (const auto found = numbers_.extract(peer.id()))
      by_number_.erase(found.mapped());
  }

  /// It was told to close at once. That it is closed may come later; nothing comes of it any more.
  void give_up(const actornet::connection& peer) {
    if (holds(peer.id()))
      given_up_.insert(peer.id());
  }
  bool is_alive(const actornet::connection& peer) const {
    return holds(peer.id()) && !given_up_.contains(peer.id());
  }

  std::optional<number> number_of(const actornet::connection& peer) const {
    const auto found = numbers_.find(peer.id());
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }

  bool holds(caf::actor_id id) const { return numbers_.contains(id); }

  /// Null when there is none (any more).
  const actornet::connection* find(number wanted) const {
    const auto found = by_number_.find(wanted);
    return found == by_number_.end() ? nullptr : &found->second;
  }

  /// In the order of their numbers.
  const std::map<number, actornet::connection>& all() const { return by_number_; }

private:
  number last_ = 0;
  std::map<number, actornet::connection> by_number_;
  std::map<caf::actor_id, number> numbers_;
  std::map<caf::actor_id, number> announced_;
  std::set<caf::actor_id> given_up_;
};

} // namespace console
