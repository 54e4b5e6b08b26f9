// SPDX-License-Identifier: BSD-3-Clause
#include "limit_watch.hpp"

#include "admission_gate.hpp"

#include <algorithm>
#include <chrono>

namespace actornet {

namespace {

constexpr std::array shared_scopes{limit_scope::total, limit_scope::address, limit_scope::prefix,
                                   limit_scope::accept_rate};
// Nobody was refused for so long.
constexpr std::chrono::seconds quiet{1};

std::size_t index_of(limit_scope scope) { return static_cast<std::size_t>(scope); }

} // namespace

std::vector<limit_watch::change> limit_watch::look_for_reached() {
  std::vector<change> result;
  for (auto scope : shared_scopes)
    if (what_->is_noted(scope) && !std::exchange(reached_[index_of(scope)], true))
      result.push_back({true, scope, {}, what_->refused_for(scope).who});
  for (const auto& gate : what_->gates())
    if (gate->is_noted() && reached_gates_.emplace(gate.get(), gate).second)
      result.push_back({true, limit_scope::listener, gate->owner(), {}});
  return result;
}

bool limit_watch::is_over(limit_scope scope, net::instant now) const {
  if (scope == limit_scope::total)
    return what_->has_total_room();
  return what_->refused_for(scope).last + quiet <= now;
}

// Forgotten before it is looked at: if the limit is reached again meanwhile, that is noted anew.
std::vector<limit_watch::change> limit_watch::look_for_cleared(net::instant now) {
  std::vector<change> result;
  for (auto scope : shared_scopes) {
    if (!reached_[index_of(scope)])
      continue;
    what_->forget(scope);
    if (is_over(scope, now)) {
      reached_[index_of(scope)] = false;
      result.push_back({false, scope, {}, {}});
    } else {
      what_->remember(scope);
    }
  }
  std::erase_if(reached_gates_, [&](const auto& each) {
    auto gate = each.second.lock();
    if (!gate)
      return true;
    gate->forget();
    if (gate->has_room()) {
      result.push_back({false, limit_scope::listener, gate->owner(), {}});
      return true;
    }
    gate->remember();
    return false;
  });
  return result;
}

bool limit_watch::has_reached() const noexcept {
  return !reached_gates_.empty() ||
         std::any_of(reached_.begin(), reached_.end(), [](bool each) { return each; });
}

} // namespace actornet
