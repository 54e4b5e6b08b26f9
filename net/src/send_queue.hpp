// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>

#include <cstddef>
#include <vector>

namespace actornet::net {

/// The bytes that a stream has yet to give to the kernel, in order.
///
/// A vector with a moving front: it empties with nearly every turn, and then starts over at
/// its beginning with the memory it has. What is more than a few chunks need is given back then:
/// most connections are idle.
class send_queue {
public:
  void push(chunk bytes) {
    if (bytes.empty())
      return;
    size_ += bytes.size();
    chunks_.push_back(std::move(bytes));
  }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  /// The chunks that wait; of the first, `offset()` bytes are gone already.
  const chunk* begin() const noexcept { return chunks_.data() + front_; }
  const chunk* end() const noexcept { return chunks_.data() + chunks_.size(); }
  std::size_t offset() const noexcept { return offset_; }

  /// Forgets the first `bytes`, which are in the kernel.
  void pop(std::size_t bytes) {
    if (bytes == size_)
      return clear();
    size_ -= bytes;
    offset_ += bytes;
    while (front_ < chunks_.size() && offset_ >= chunks_[front_].size()) {
      offset_ -= chunks_[front_].size();
      chunks_[front_++] = chunk();
    }
    if (front_ > 64 && front_ * 2 > chunks_.size())
      compact();
  }

  void clear() noexcept {
    if (chunks_.capacity() > kept_max)
      std::vector<chunk>().swap(chunks_); // an assignment of {} would keep the memory
    else
      chunks_.clear();
    front_ = offset_ = size_ = 0;
  }

  /// For how many chunks there is memory.
  std::size_t capacity() const noexcept { return chunks_.capacity(); }

private:
  static constexpr std::size_t kept_max = 16;

  void compact() {
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
  }

  std::vector<chunk> chunks_;
  std::size_t front_ = 0;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

} // namespace actornet::net
