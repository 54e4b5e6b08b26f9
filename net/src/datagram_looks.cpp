// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_looks.hpp"

#include "kernel_datagram.hpp"

#include <algorithm>

namespace actornet::net {

void datagram_looks::put(kernel_datagram& who, instant when) {
  auto found = std::ranges::find(looks_, &who, &look::who);
  if (found != looks_.end())
    found->when = when;
  else
    looks_.push_back({&who, when});
}

void datagram_looks::remove(const kernel_datagram& who) noexcept {
  std::erase_if(looks_, [&](const look& each) { return each.who == &who; });
}

std::optional<instant> datagram_looks::next() const noexcept {
  const auto first = std::ranges::min_element(looks_, {}, &look::when);
  return first == looks_.end() ? std::nullopt : std::optional(first->when);
}

// Whoever moves to the place of one that is removed meanwhile is called in the next turn, which
// does not wait then.
void datagram_looks::call_due(instant now) {
  for (std::size_t i = 0; i < looks_.size(); ++i)
    if (looks_[i].when <= now)
      looks_[i].who->look();
}

} // namespace actornet::net
