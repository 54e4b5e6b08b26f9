// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "datagram_queue.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>

namespace actornet::net {

/// Which runs of equal datagrams may leave as one (UDP_SEGMENT, udp(7)), as far as a socket knows.
struct segmentation {
  /// Longer ones may not: the kernel refuses what does not fit into a packet of the path.
  std::size_t bytes_max = 65507;
  /// So many at the front of the queue leave one by one, to find out what was wrong with them.
  std::size_t singles = 0;
};

/// The messages of one sendmmsg(2), made from the front of a queue. One for all sockets of a loop.
class kernel_outbox {
public:
  kernel_outbox();
  kernel_outbox(const kernel_outbox&) = delete;
  kernel_outbox& operator=(const kernel_outbox&) = delete;

  /// Takes as much of the front of `unsent` as goes into one call; nothing that has a refusal.
  void fill(const datagram_queue& unsent, const segmentation& allowed) noexcept;
  /// How many messages the kernel took, of the first ones; or -errno of the first.
  int send(int number) noexcept;

  std::size_t messages() const noexcept { return count_; }
  /// How many datagrams the message of this index carries.
  std::size_t datagrams_of(std::size_t index) const noexcept { return slots_[index].datagrams; }

  /// More pieces than this are joined before they come here.
  static constexpr std::size_t pieces_of_one_max = 64;

private:
  static constexpr std::size_t messages_max = 64;
  static constexpr std::size_t pieces_max = 1024;     // UIO_MAXIOV, of one message too
  static constexpr std::size_t segments_max = 64;     // UDP_MAX_SEGMENTS of the older kernels
  static constexpr std::size_t run_bytes_max = 65000; // a packet, with its headers, has 65535

  struct slot {
    sockaddr_in6 name; // or a sockaddr_in
    // Where it leaves from, and the size of a run's datagrams.
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo)) +
                                          CMSG_SPACE(sizeof(std::uint16_t))> control;
    std::size_t datagrams;
  };

  std::size_t run_length(const datagram_queue& unsent, std::size_t first,
                         const segmentation& allowed) const noexcept;
  void add(const datagram_queue& unsent, std::size_t first, std::size_t count) noexcept;
  void address(msghdr& header, slot& to, const endpoint& destination) noexcept;

  std::array<mmsghdr, messages_max> headers_;
  std::array<slot, messages_max> slots_;
  std::array<iovec, pieces_max> pieces_;
  std::size_t count_ = 0;
  std::size_t pieces_used_ = 0;
};

} // namespace actornet::net
