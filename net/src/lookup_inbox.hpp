// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "wake_signal.hpp"

#include <actornet/net/name_lookup.hpp>
#include <actornet/net/resolver.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace actornet::net {

/// Brings the resolver's answers home to the loop that asked. Shared with the resolver's threads,
/// so that an answer that comes after the loop is gone falls into the void.
class lookup_inbox : public std::enable_shared_from_this<lookup_inbox> {
public:
  explicit lookup_inbox(std::shared_ptr<wake_signal> bell) : bell_(std::move(bell)) {}

  /// Loop's thread.
  name_lookup_ptr ask(resolver& names, name_query query, name_lookup_events& events);
  /// Loop's thread: tells the answers that have come; how many.
  std::size_t deliver();

private:
  class question;
  struct answered {
    std::shared_ptr<question> to;
    resolver::answer answer;
  };

  /// Any thread.
  void put(answered what);

  std::shared_ptr<wake_signal> bell_;
  std::mutex mutex_;
  std::vector<answered> arrived_; // guarded by mutex_
  // So that a turn without answers, as nearly all are, needs no lock.
  std::atomic<bool> some_arrived_{false};
};

} // namespace actornet::net
