// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <cstddef>
#include <optional>

namespace actornet::net {

/// Decides how a datagram socket is to learn that something came: from the kernel, which wakes the
/// loop, or by looking again after a while.
///
/// Where datagrams follow closely, a loop that keeps up with them is woken for each few, and to
/// sleep and be woken costs more than they do. A look some microseconds later finds many at once.
/// But whoever waits for an answer would wait longer, and a small buffer would overflow meanwhile:
/// so it is only done where nothing is sent, and as long as the buffer is far from full. It knows
/// neither sockets nor clocks.
class datagram_pace {
public:
  /// What a look found.
  struct find {
    std::size_t messages;     ///< a run that the kernel hands over as one is one message
    std::size_t messages_max; ///< in one look
    std::size_t bytes;        ///< of memory, as the receive buffer counts it
    std::size_t buffer_bytes; ///< what that holds
  };

  /// Datagrams wait so long at most; 0: they never do.
  void set_longest(duration longest) noexcept;

  void looked(instant now, const find& found) noexcept;
  /// Somebody may wait for an answer, or this was one.
  void sent() noexcept { close_looks_ = 0; }

  /// How long after the last look the next one is to be; none: the kernel is to tell.
  std::optional<duration> until_next() const noexcept;

  /// So many looks in a row have to find enough, with nothing sent, before one is put off.
  static constexpr unsigned looks_min = 16;
  /// Less than so many messages within the longest time are not worth waiting for.
  static constexpr std::size_t messages_min = 4;

private:
  bool is_worth_it(duration since, const find& found) const noexcept;

  duration longest_{0};
  duration next_{0};
  instant last_{};
  unsigned close_looks_ = 0;
};

} // namespace actornet::net
