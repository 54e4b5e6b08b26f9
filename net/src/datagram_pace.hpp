// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace actornet::net {

/// Decides how a datagram socket is to learn that something came: from the kernel, which wakes the
/// loop, or by looking again after a while.
///
/// Where datagrams follow closely, a loop that keeps up with them is woken for each few, and to
/// sleep and be woken costs more than they do. A look some microseconds later finds many at once.
/// But whoever waits for an answer would wait longer, and a small buffer would overflow meanwhile:
/// so it is only done where nothing is sent, and as much is left to come as fills a quarter of the
/// buffer. It knows neither sockets nor clocks.
class datagram_pace {
public:
  /// What a look found.
  struct yield {
    std::size_t messages;     ///< a run that the kernel hands over as one is one message
    std::size_t messages_max; ///< in one look
    std::size_t bytes;        ///< of memory, as the receive buffer counts it
    std::size_t buffer_bytes; ///< what that holds
  };

  /// Datagrams wait so long at most; 0: they never do. Longer than `longest_max` is that.
  void set_longest(duration longest) noexcept;
  bool may_wait() const noexcept { return longest_ > duration(0); }

  /// Looks at the same time are one.
  void looked(instant now, const yield& found) noexcept;
  /// Somebody may wait for an answer, or this was one.
  void sent() noexcept { close_looks_ = close_looks_before_ = 0; }

  /// How long after the last look the next one is to be; none: the kernel is to tell.
  std::optional<duration> until_next() const noexcept;

  static constexpr duration longest_max = std::chrono::seconds(1);
  /// So many looks in a row have to find enough, with nothing sent, before one is put off.
  static constexpr unsigned looks_min = 16;
  /// Less than so many messages are not worth waiting for.
  static constexpr std::size_t messages_min = 4;

private:
  void begin_look(instant now) noexcept;
  double messages_to_wait_for(const yield& found) const noexcept;

  duration longest_{0};
  instant last_{};
  duration since_{0};        // from the look before to the last one
  std::size_t messages_ = 0; // that this found
  std::size_t bytes_ = 0;
  double gap_ns_ = 0; // between two messages, on average
  duration next_{0};
  unsigned close_looks_ = 0;
  unsigned close_looks_before_ = 0; // the last one
};

} // namespace actornet::net
