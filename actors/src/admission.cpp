// SPDX-License-Identifier: BSD-3-Clause
#include "admission.hpp"

#include "admission_gate.hpp"

#include <utility>

namespace actornet {

namespace {

std::optional<limit_scope> scope_of(drop_reason why) noexcept {
  switch (why) {
  case drop_reason::max_per_address:
    return limit_scope::address;
  case drop_reason::max_per_prefix:
    return limit_scope::prefix;
  case drop_reason::accept_rate:
    return limit_scope::accept_rate;
  case drop_reason::max_connections:
  case drop_reason::no_descriptors:
  case drop_reason::denied:
    break;
  }
  return std::nullopt;
}

} // namespace

admission::admission(const broker_options& chosen, tracking what)
    : tracking_(what), addresses_(chosen.prefix_bits_ipv4, chosen.prefix_bits_ipv6),
      policy_(chosen.policy), farewell_(chosen.farewell), access_{chosen.allow, chosen.deny} {
  set_limits(chosen.limits);
}

// -- what is decided ------------------------------------------------------------------------------

void admission::set_limits(const connection_limits& next) {
  {
    std::lock_guard lock(mutex_);
    const auto before = std::exchange(limits_, next);
    total_limit_ = limit_of(next.total);
    listener_limit_ = limit_of(next.per_listener);
    address_limit_ = limit_of(next.per_address);
    prefix_limit_ = limit_of(next.per_prefix);
    // Who changes another limit does not fill the bucket.
    if (next.accepts_per_second != before.accepts_per_second ||
        next.accepts_burst != before.accepts_burst)
      rate_.set(next.accepts_per_second, next.accepts_burst);
  }
  wake_all();
}

connection_limits admission::limits() const {
  std::lock_guard lock(mutex_);
  return limits_;
}

void admission::set_policy(over_limit policy, net::chunk farewell) {
  {
    std::lock_guard lock(mutex_);
    farewell_ = std::move(farewell);
    policy_ = policy;
  }
  wake_all(); // who waited may have to be refused now
}

net::chunk admission::farewell() const {
  std::lock_guard lock(mutex_);
  return farewell_;
}

void admission::set_access(access_lists next) {
  std::lock_guard lock(mutex_);
  access_ = std::move(next);
  ++access_version_;
}

admission::access_lists admission::access() const {
  std::lock_guard lock(mutex_);
  return access_;
}

// -- how it stands --------------------------------------------------------------------------------

address_use admission::use_of(const net::endpoint& who) {
  auto key = address_counts::key_of(who);
  return key ? addresses_.use_of(*key) : address_use{};
}

std::vector<std::shared_ptr<admission_gate>> admission::gates() const {
  std::vector<std::shared_ptr<admission_gate>> result;
  std::lock_guard lock(mutex_);
  for (const auto& each : gates_)
    if (auto gate = each.lock())
      result.push_back(std::move(gate));
  return result;
}

admission::refusing admission::refused_for(limit_scope scope) const {
  std::lock_guard lock(mutex_);
  return refusing_[static_cast<std::size_t>(scope)];
}

// Most find it noted already: then it costs a look. In sequence with the counts: who forgets it and
// then looks for room, and who takes the last place and then notes it, do not miss each other.
void admission::note(std::atomic<bool>& place) {
  if (on_limit_ && !place.load() && !place.exchange(true))
    on_limit_();
}

void admission::note_refusal(drop_reason why, const net::endpoint& who, net::instant now) {
  auto scope = scope_of(why);
  if (!scope || !on_limit_)
    return;
  {
    std::lock_guard lock(mutex_);
    auto& place = refusing_[static_cast<std::size_t>(*scope)];
    if (!noted(*scope).load())
      place.who = who;
    place.is_on = true;
    place.last = now;
  }
  note(noted(*scope));
}

// -- who waits ------------------------------------------------------------------------------------

void admission::somebody_left() {
  if (waiting_.load() > 0)
    wake_all();
}

// All of them: of a place that one left, another may be the one that can use it.
void admission::wake_all() {
  std::vector<std::weak_ptr<admission_gate>> woken;
  {
    std::lock_guard lock(mutex_);
    woken.swap(waiting_gates_);
    waiting_ = 0;
  }
  for (const auto& each : woken)
    if (auto gate = each.lock(); gate && gate->waits_.exchange(false))
      gate->room_();
}

} // namespace actornet
