// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "socket.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>
#include <vector>

namespace load {

/// Many datagrams in one system call, so that who sends and receives them is not the limit of what
/// it measures.
class datagram_batch {
public:
  static constexpr std::size_t count_max = 64;

  /// For datagrams of `size_bytes` at most.
  explicit datagram_batch(std::size_t size_bytes);

  // -- to be sent ---------------------------------------------------------------------------------

  /// Room for the next; only while `size()` is less than `count_max`.
  std::span<char> add();
  std::size_t size() const { return count_; }
  void clear() { count_ = 0; }
  /// sendmmsg(2): how many of them left, of the first ones; what did not is for the caller to
  /// count.
  std::size_t send(const unique_fd& to);
  /// All as one, which the kernel takes apart (UDP_SEGMENT); how many left: all or none.
  std::size_t send_as_one(const unique_fd& to);

  // -- received -----------------------------------------------------------------------------------

  /// recvmmsg(2): how many came. A connection that was refused counts as none.
  std::size_t receive(const unique_fd& from);
  std::span<const char> received(std::size_t index) const;

private:
  const std::size_t size_bytes_;
  std::size_t count_ = 0;
  std::vector<char> bytes_;
  std::array<iovec, count_max> places_{};
  std::array<mmsghdr, count_max> messages_{};
};

} // namespace load
