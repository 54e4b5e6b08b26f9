// SPDX-License-Identifier: BSD-3-Clause
#include "admission_gate.hpp"

#include <algorithm>
#include <utility>

namespace actornet {

/// A place that is taken, for as long as a descriptor is open. Where it ends is the only place
/// where a count goes down that went up for a connection.
class admission_gate::slot final : public net::descriptor_lease {
public:
  slot(std::shared_ptr<admission_gate> gate, std::optional<address_counts::key> who)
      : gate_(std::move(gate)), who_(who) {}
  ~slot() override { gate_->leave(who_); }

private:
  std::shared_ptr<admission_gate> gate_;
  std::optional<address_counts::key> who_;
};

std::shared_ptr<admission_gate> admission_gate::make(std::shared_ptr<admission> what,
                                                     std::optional<std::size_t> own_limit,
                                                     caf::weak_actor_ptr owner,
                                                     std::function<void()> room) {
  auto made = std::make_shared<admission_gate>(what, own_limit, std::move(owner), std::move(room));
  std::lock_guard lock(what->mutex_);
  std::erase_if(what->gates_, [](const auto& each) { return each.expired(); });
  what->gates_.push_back(made);
  return made;
}

admission_gate::admission_gate(std::shared_ptr<admission> what,
                               std::optional<std::size_t> own_limit, caf::weak_actor_ptr owner,
                               std::function<void()> room)
    : shared_(std::move(what)), owner_(std::move(owner)), room_(std::move(room)),
      own_limit_(own_limit.value_or(unlimited)), access_version_(shared_->access_version_.load()) {
  access_ = shared_->access();
}

std::uint64_t admission_gate::limit() const noexcept {
  return std::min(own_limit_.load(), shared_->listener_limit_.load());
}

void admission_gate::set_own_limit(std::uint64_t most) {
  own_limit_ = most;
  if (waits_.exchange(false))
    room_();
}

bool admission_gate::is_limited() const noexcept {
  return shared_->tracking_ == admission::tracking::addresses_too || own_limit_.load() != unlimited;
}

// -- one by one -----------------------------------------------------------------------------------

// The rate before the total, and both behind the listener: who is refused by one of them has, for a
// moment, taken only what nobody else could have used either.
std::optional<drop_reason> admission_gate::take_places(net::instant now) {
  if (!count_.take(limit())) {
    shared_->note(noted_);
    return drop_reason::max_connections;
  }
  if (!shared_->rate_.take(now)) {
    count_.give_back();
    return drop_reason::accept_rate;
  }
  if (!shared_->total_.take(shared_->total_limit_.load())) {
    shared_->rate_.give_back();
    count_.give_back();
    shared_->note(shared_->noted(limit_scope::total));
    return drop_reason::max_connections;
  }
  if (is_full())
    shared_->note(noted_);
  if (shared_->is_total_full())
    shared_->note(shared_->noted(limit_scope::total));
  return std::nullopt;
}

void admission_gate::give_back_places() {
  shared_->total_.give_back();
  shared_->rate_.give_back();
  count_.give_back();
  shared_->somebody_left();
}

bool admission_gate::is_denied(const net::endpoint& remote) {
  if (auto version = shared_->access_version_.load(); version != access_version_) {
    access_version_ = version;
    access_ = shared_->access();
  }
  return access_.deny.contains(remote) ||
         (!access_.allow.empty() && !access_.allow.contains(remote));
}

std::optional<drop_reason>
admission_gate::reason_to_refuse(const net::endpoint& remote, net::instant now,
                                 const std::optional<address_counts::key>& who) {
  if (is_denied(remote))
    return drop_reason::denied;
  auto rest = [&] {
    return place_ == place::held ? std::optional<drop_reason>() : take_places(now);
  };
  if (!who)
    return rest();
  return shared_->addresses_.take(
      *who, {shared_->address_limit_.load(), shared_->prefix_limit_.load()}, rest);
}

std::variant<admission_gate::slot_ptr, drop_reason>
admission_gate::admit(const net::endpoint& remote, net::instant now) {
  std::optional<address_counts::key> who;
  if (shared_->tracking_ == admission::tracking::addresses_too)
    who = address_counts::key_of(remote);
  if (auto why = reason_to_refuse(remote, now, who)) {
    let_go_of_place();
    count_refusal(*why);
    shared_->note_refusal(*why, remote, now);
    return *why;
  }
  place_ = place::none;
  accepted_.fetch_add(1, std::memory_order_relaxed);
  shared_->accepted_.fetch_add(1, std::memory_order_relaxed);
  return std::make_unique<slot>(shared_from_this(), who);
}

void admission_gate::count_refusal(drop_reason why) {
  refused_.count(why);
  shared_->refused_.count(why);
}

void admission_gate::leave(const std::optional<address_counts::key>& who) {
  if (who)
    shared_->addresses_.give_back(*who);
  shared_->total_.give_back();
  count_.give_back();
  shared_->somebody_left();
}

// -- waiting --------------------------------------------------------------------------------------

bool admission_gate::hold_place(net::instant now) {
  if (place_ == place::held)
    return true;
  too_early_until_.reset();
  auto why = take_places(now);
  if (why) {
    // Said first, then looked again: who leaves or changes a limit meanwhile sees that we wait, or
    // we see what he did.
    wait_for_room();
    why = take_places(now);
  }
  if (why == drop_reason::accept_rate) {
    too_early_until_ = shared_->rate_.next();
    shared_->note_refusal(*why, {}, now);
  }
  if (why)
    return false;
  stop_waiting();
  place_ = place::held;
  return true;
}

// The policy once more when it has been said that we wait: for the same reason.
bool admission_gate::has_to_wait(net::instant now) {
  return policy() == over_limit::wait && !hold_place(now) && policy() == over_limit::wait;
}

void admission_gate::let_go_of_place() {
  if (std::exchange(place_, place::none) == place::held)
    give_back_places();
}

void admission_gate::wait_for_room() {
  if (waits_.exchange(true))
    return;
  std::lock_guard lock(shared_->mutex_);
  shared_->waiting_gates_.push_back(weak_from_this());
  shared_->waiting_ = shared_->waiting_gates_.size();
}

void admission_gate::stop_waiting() {
  if (!waits_.exchange(false))
    return;
  std::lock_guard lock(shared_->mutex_);
  std::erase_if(shared_->waiting_gates_,
                [this](const auto& each) { return each.lock().get() == this; });
  shared_->waiting_ = shared_->waiting_gates_.size();
}

} // namespace actornet
