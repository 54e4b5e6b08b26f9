// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>

namespace actornet::net::simulation {

/// Something of a simulated backend that is served in its turns. It owns itself until it is closed,
/// and then lives for as long as a list of the backend still refers to it.
class source : public std::enable_shared_from_this<source> {
public:
  virtual ~source() = default;

  /// Tells what there is to tell; asks to be served again if that was not all.
  virtual void on_turn() = 0;
  /// Starts what was asked for.
  virtual void on_flush() {}

  bool closed = false;       ///< nothing may be told any more
  bool awaits_turn = false;  ///< is in the backend's list for the next turn
  bool awaits_flush = false; ///< is in the backend's list of things to send

  void own_itself() { self_ = shared_from_this(); }

protected:
  /// The last thing that a source does: it may be gone afterwards.
  void let_go() {
    closed = true;
    auto last = std::exchange(self_, nullptr);
  }

private:
  std::shared_ptr<source> self_;
};

} // namespace actornet::net::simulation
