// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_pace.hpp"

#include <algorithm>
#include <utility>

namespace actornet::net {

namespace {

// The share of the receive buffer that may fill between two looks: it is to hold a burst as well.
constexpr std::size_t buffer_share = 4;
// The share of what one look can take that it is to find.
constexpr std::size_t look_share = 2;

} // namespace

void datagram_pace::set_longest(duration longest) noexcept {
  longest_ = longest;
  close_looks_ = 0;
}

bool datagram_pace::is_worth_it(duration since, const find& found) const noexcept {
  // In floating point: neither the time since the last look nor the longest one has a bound.
  const auto within_longest = static_cast<double>(longest_.count()) /
                              static_cast<double>(std::max<duration::rep>(since.count(), 1));
  return static_cast<double>(found.messages) * within_longest >= messages_min &&
         found.bytes <= found.buffer_bytes / buffer_share;
}

void datagram_pace::looked(instant now, const find& found) noexcept {
  const auto since = now - std::exchange(last_, now);
  if (found.messages == 0 || !is_worth_it(since, found)) {
    close_looks_ = 0;
    return;
  }
  if (close_looks_ < looks_min)
    ++close_looks_;
  const auto wanted = std::max<std::size_t>(found.messages_max / look_share, 1);
  const auto time = static_cast<double>(since.count()) * static_cast<double>(wanted) /
                    static_cast<double>(found.messages);
  next_ = time < static_cast<double>(longest_.count()) ? duration(static_cast<duration::rep>(time))
                                                       : longest_;
}

std::optional<duration> datagram_pace::until_next() const noexcept {
  if (close_looks_ < looks_min)
    return std::nullopt;
  return next_;
}

} // namespace actornet::net
