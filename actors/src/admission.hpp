// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "accept_rate.hpp"
#include "address_counts.hpp"
#include "limited_count.hpp"
#include "refusal_counts.hpp"

#include <actornet/broker_options.hpp>

#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/instant.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace actornet {

class admission_gate;

/// What the listeners of one broker have in common: the counts, and the limits that they keep to.
/// A listener without a broker has one to itself. Any thread.
///
/// Exact without anybody in the middle: each count is one atomic number, which goes up only while
/// it is below its limit, and down when a descriptor has been closed. Whoever accepts asks through
/// a gate of his own (`admission_gate`), on his own thread, and is answered at once.
class admission {
public:
  enum class tracking { connections_only, addresses_too };

  admission(const broker_options& chosen, tracking what);
  admission(const admission&) = delete;
  admission& operator=(const admission&) = delete;

  // -- what is decided ---------------------------------------------------------------------------

  struct access_lists {
    net::address_list allow;
    net::address_list deny;
  };

  void set_limits(const connection_limits& next);
  connection_limits limits() const;
  void set_policy(over_limit policy, net::chunk farewell);
  over_limit policy() const noexcept { return policy_.load(); }
  net::chunk farewell() const;
  void set_access(access_lists next);
  access_lists access() const;

  // -- how it stands -----------------------------------------------------------------------------

  std::uint64_t connections() const noexcept { return total_.used(); }
  std::uint64_t addresses() const noexcept { return addresses_.distinct(); }
  address_use use_of(const net::endpoint& who);
  std::uint64_t accepted() const noexcept { return accepted_.load(std::memory_order_relaxed); }
  refusals refused() const noexcept { return refused_.now(); }
  std::vector<std::shared_ptr<admission_gate>> gates() const;

  /// Those that are refused one by one: somebody was, and whom the first time.
  struct refusing {
    bool is_on = false;
    net::instant last{};
    net::endpoint who;
  };
  refusing refused_for(limit_scope scope) const;
  bool is_total_full() const noexcept { return total_.is_at(total_limit_.load()); }
  bool has_total_room() const noexcept { return total_.is_well_below(total_limit_.load()); }

  /// `changed` is called when a limit is reached that was not noted before, on whatever thread that
  /// was; from within an accept, so it must be quick. Before any gate is made.
  void on_limit(std::function<void()> changed) { on_limit_ = std::move(changed); }
  /// A limit was reached, and nobody has forgotten it since; of `listener`, ask its gate.
  bool is_noted(limit_scope scope) const noexcept {
    return noted_[static_cast<std::size_t>(scope)].load();
  }
  void forget(limit_scope scope) noexcept { noted(scope) = false; }
  void remember(limit_scope scope) noexcept { noted(scope) = true; }

private:
  friend class admission_gate;

  using scopes =
      std::array<std::atomic<bool>, static_cast<std::size_t>(limit_scope::accept_rate) + 1>;

  std::atomic<bool>& noted(limit_scope scope) noexcept {
    return noted_[static_cast<std::size_t>(scope)];
  }
  void note(std::atomic<bool>& place);
  void note_refusal(drop_reason why, const net::endpoint& who, net::instant now);
  void somebody_left();
  void wake_all();

  const tracking tracking_;
  std::function<void()> on_limit_;

  // Taken and given back with each connection.
  limited_count total_;
  accept_rate rate_;
  address_counts addresses_;
  std::atomic<std::uint64_t> accepted_{0};
  refusal_counts refused_;

  // Read with each connection, and seldom changed.
  std::atomic<std::uint64_t> total_limit_{unlimited};
  std::atomic<std::uint64_t> listener_limit_{unlimited};
  std::atomic<std::uint64_t> address_limit_{unlimited};
  std::atomic<std::uint64_t> prefix_limit_{unlimited};
  std::atomic<over_limit> policy_;
  std::atomic<std::uint64_t> access_version_{0}; // a gate keeps its own copy of the lists
  std::atomic<std::size_t> waiting_{0};          // gates in `waiting_gates_`
  scopes noted_{};

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  connection_limits limits_;
  net::chunk farewell_;
  access_lists access_;
  std::vector<std::weak_ptr<admission_gate>> gates_;
  std::vector<std::weak_ptr<admission_gate>> waiting_gates_;
  std::array<refusing, std::tuple_size_v<scopes>> refusing_;
};

} // namespace actornet
