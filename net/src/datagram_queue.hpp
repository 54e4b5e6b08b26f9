// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/datagram_socket.hpp>

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace actornet::net {

/// A datagram that waits to be given to the kernel.
struct unsent_datagram {
  chunk only;
  std::vector<chunk> pieces; // if there are several
  endpoint destination;      // none: where the socket is connected to
  endpoint source;           // none: the system's choice
  send_tag tag = 0;
  std::size_t bytes = 0;
  int refusal = 0; // errno of what can be seen without the kernel

  const chunk* begin() const noexcept { return pieces.empty() ? &only : pieces.data(); }
  const chunk* end() const noexcept {
    return pieces.empty() ? &only + 1 : pieces.data() + pieces.size();
  }
};

/// The datagrams that a socket has yet to give to the kernel, in order.
///
/// A vector with a moving front: it empties with nearly every turn, and then starts over at its
/// beginning with the memory it has; what is more than a burst needs is given back then.
class datagram_queue {
public:
  /// A new last one, to be filled in, of so many bytes. Valid until the next.
  unsent_datagram& add(std::size_t bytes) {
    auto& added = waiting_.emplace_back();
    added.bytes = bytes;
    bytes_ += bytes;
    return added;
  }

  bool empty() const noexcept { return front_ == waiting_.size(); }
  std::size_t size() const noexcept { return waiting_.size() - front_; }
  std::size_t bytes() const noexcept { return bytes_; }
  unsent_datagram& operator[](std::size_t index) noexcept { return waiting_[front_ + index]; }
  const unsent_datagram& operator[](std::size_t index) const noexcept {
    return waiting_[front_ + index];
  }

  /// Forgets the first, and what it held.
  void pop() noexcept {
    assert(!empty());
    auto& gone = waiting_[front_++];
    bytes_ -= gone.bytes;
    if (empty())
      return clear();
    gone.only = chunk();
    gone.pieces.clear();
    if (front_ > compact_from && front_ * 2 > waiting_.size())
      compact();
  }
  /// The first; it is not in the queue any more.
  unsent_datagram take() {
    auto taken = std::move(waiting_[front_]);
    pop();
    return taken;
  }

  void clear() noexcept {
    if (waiting_.capacity() > kept_max)
      std::vector<unsent_datagram>().swap(waiting_); // an assignment of {} would keep the memory
    else
      waiting_.clear();
    front_ = bytes_ = 0;
  }

  /// For how many there is memory.
  std::size_t capacity() const noexcept { return waiting_.capacity(); }

private:
  static constexpr std::size_t kept_max = 128;
  static constexpr std::size_t compact_from = 64;

  void compact() {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
  }

  std::vector<unsent_datagram> waiting_;
  std::size_t front_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace actornet::net
