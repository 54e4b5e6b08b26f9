// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "admission.hpp"

#include <actornet/net/descriptor.hpp>

#include <caf/actor_control_block.hpp>

#include <memory>
#include <optional>
#include <variant>

namespace actornet {

/// The door of one listener to its admission: asked before a connection is served, and, where
/// clients are to wait, before one is accepted.
///
/// Its slots keep it alive, and so the count of a listener's connections outlives the listener.
class admission_gate : public std::enable_shared_from_this<admission_gate> {
public:
  using slot_ptr = std::unique_ptr<net::descriptor_lease>;

  /// `room` is called, on whatever thread, when it may be worth trying again after `hold_place`
  /// said no; it must only pass that on.
  static std::shared_ptr<admission_gate> make(std::shared_ptr<admission> what,
                                              std::optional<std::size_t> own_limit,
                                              caf::weak_actor_ptr owner,
                                              std::function<void()> room);
  admission_gate(std::shared_ptr<admission> what, std::optional<std::size_t> own_limit,
                 caf::weak_actor_ptr owner, std::function<void()> room);

  // -- loop's thread -----------------------------------------------------------------------------

  /// A place for `remote`, to be kept by the descriptor as long as that is open; or why there is
  /// none. Uses what `hold_place` holds.
  std::variant<slot_ptr, drop_reason> admit(const net::endpoint& remote, net::instant now);
  /// What is refused elsewhere is counted here.
  void count_refusal(drop_reason why);

  /// Takes a place before it is known for whom. False: there is none, and `room` will be called
  /// when there may be, or it is only too early (`too_early_until`).
  bool hold_place(net::instant now);
  /// Clients are to wait, and there is no place: the same holds as for `hold_place`. Else what
  /// there is to hold is held.
  bool has_to_wait(net::instant now);
  /// Gives it back, if there is one.
  void let_go_of_place();
  std::optional<net::instant> too_early_until() const noexcept { return too_early_until_; }
  /// `room` is not called any more for what was asked before.
  void stop_waiting();

  void set_own_limit(std::uint64_t most);
  /// Whether more than a count is kept: clients have to be accepted one by one.
  bool is_limited() const noexcept;
  over_limit policy() const noexcept { return shared_->policy(); }
  net::chunk farewell() const { return shared_->farewell(); }

  // -- any thread --------------------------------------------------------------------------------

  std::uint64_t connections() const noexcept { return count_.used(); }
  std::uint64_t accepted() const noexcept { return accepted_.load(std::memory_order_relaxed); }
  refusals refused() const noexcept { return refused_.now(); }
  const caf::weak_actor_ptr& owner() const noexcept { return owner_; }
  bool is_full() const noexcept { return count_.is_at(limit()); }
  bool has_room() const noexcept { return count_.is_well_below(limit()); }
  /// The limit of the listener was reached, and nobody has forgotten it since.
  bool is_noted() const noexcept { return noted_.load(); }
  void forget() noexcept { noted_ = false; }
  void remember() noexcept { noted_ = true; }

private:
  friend class admission;
  class slot;

  enum class place { none, held };

  std::uint64_t limit() const noexcept;
  std::optional<drop_reason> take_places(net::instant now);
  void give_back_places();
  std::optional<drop_reason> reason_to_refuse(const net::endpoint& remote, net::instant now,
                                              const std::optional<address_counts::key>& who);
  bool is_denied(const net::endpoint& remote);
  void leave(const std::optional<address_counts::key>& who);
  void wait_for_room();

  const std::shared_ptr<admission> shared_;
  const caf::weak_actor_ptr owner_;
  const std::function<void()> room_;

  // Any thread.
  limited_count count_;
  std::atomic<std::uint64_t> own_limit_;
  std::atomic<std::uint64_t> accepted_{0};
  refusal_counts refused_;
  std::atomic<bool> noted_{false};
  std::atomic<bool> waits_{false};

  // Loop's thread.
  place place_ = place::none;
  std::optional<net::instant> too_early_until_;
  admission::access_lists access_;
  std::uint64_t access_version_;
};

} // namespace actornet
