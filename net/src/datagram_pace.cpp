// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_pace.hpp"

#include <algorithm>

namespace actornet::net {

namespace {

// The share of what one look can take that it is to find.
constexpr double look_share = 0.5;
// The share of the receive buffer that is to fill between two looks: it is to hold a burst as well.
constexpr double buffer_share = 0.25;
// Looks that find it as full as this are too far apart.
constexpr double buffer_share_max = 0.5;
// How much a look counts in the average of those before.
constexpr double weight = 0.25;

} // namespace

void datagram_pace::set_longest(duration longest) noexcept {
  longest_ = std::min(longest, longest_max);
  sent();
}

void datagram_pace::begin_look(instant now) noexcept {
  since_ = now - last_;
  last_ = now;
  messages_ = 0;
  bytes_ = 0;
  close_looks_before_ = close_looks_;
}

// What one look can take, and the buffer hold, of messages like the last ones.
double datagram_pace::messages_to_wait_for(const yield& found) const noexcept {
  const auto of_a_look = look_share * static_cast<double>(found.messages_max);
  const auto bytes_each = static_cast<double>(bytes_) / static_cast<double>(messages_);
  const auto of_the_buffer =
      buffer_share * static_cast<double>(found.buffer_bytes) / std::max(bytes_each, 1.0);
  return std::min(of_a_look, of_the_buffer);
}

void datagram_pace::looked(instant now, const yield& found) noexcept {
  if (now != last_)
    begin_look(now);
  messages_ += found.messages;
  bytes_ += found.bytes;
  close_looks_ = 0;
  if (messages_ == 0 ||
      static_cast<double>(bytes_) > buffer_share_max * static_cast<double>(found.buffer_bytes))
    return;
  const auto gap = static_cast<double>(since_.count()) / static_cast<double>(messages_);
  if (close_looks_before_ == 0)
    gap_ns_ = gap;
  // The shorter of the two: a loop that was held up once must not wait for the longer afterwards,
  // nor may one that gets more than before.
  const auto time = std::min(messages_to_wait_for(found) * std::min(gap, gap_ns_),
                             static_cast<double>(longest_.count()));
  gap_ns_ += weight * (gap - gap_ns_);
  if (time < static_cast<double>(messages_min) * gap)
    return;
  next_ = duration(static_cast<duration::rep>(time));
  close_looks_ = std::min(close_looks_before_ + 1, looks_min);
}

std::optional<duration> datagram_pace::until_next() const noexcept {
  if (close_looks_ < looks_min)
    return std::nullopt;
  return next_;
}

} // namespace actornet::net
