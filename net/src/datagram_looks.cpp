// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_looks.hpp"

#include "kernel_datagram.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <utility>

namespace actornet::net {

namespace {

// PR_SET_TIMERSLACK(2const): by itself a wait ends up to 50 us late, which is as long as one of
// ours. Where a filter forbids it, looks are late, and no worse.
void make_timers_precise() noexcept {
  constexpr unsigned long slack_ns = 1000;
  ::prctl(PR_SET_TIMERSLACK, slack_ns);
}

} // namespace

void datagram_looks::put(kernel_datagram& who, instant when) {
  if (!std::exchange(timers_are_precise_, true))
    make_timers_precise();
  auto found = std::ranges::find(looks_, &who, &look::who);
  if (found != looks_.end())
    found->when = when;
  else
    looks_.push_back({&who, when});
}

void datagram_looks::remove(const kernel_datagram& who) noexcept {
  std::erase_if(looks_, [&](const look& each) { return each.who == &who; });
}

std::optional<instant> datagram_looks::or_sooner(std::optional<instant> until) const noexcept {
  for (const auto& each : looks_)
    if (!until || each.when < *until)
      until = each.when;
  return until;
}

// Whoever moves to the place of one that is removed meanwhile is called in the next turn, which
// does not wait then.
void datagram_looks::call_due(instant now) {
  for (std::size_t i = 0; i < looks_.size(); ++i)
    if (looks_[i].when <= now)
      looks_[i].who->look();
}

} // namespace actornet::net
