// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace actornet::net {

/// The bytes that a stream has yet to give to the kernel, in order.
///
/// It empties with nearly every turn, and most streams never have more than one chunk in it: that
/// has its place within. Several are in a vector with a moving front, which starts over at its
/// beginning with the memory it has. What is more than a few chunks need is given back then: most
/// connections are idle.
class send_queue {
public:
  void push(chunk bytes) {
    if (bytes.empty())
      return;
    size_ += bytes.size();
    if (!several_ && lone_.empty())
      lone_ = std::move(bytes);
    else
      push_behind(std::move(bytes));
  }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  /// The chunks that wait; of the first, `offset()` bytes are gone already.
  const chunk* begin() const noexcept {
    return several_ ? several_->chunks.data() + several_->front : &lone_;
  }
  const chunk* end() const noexcept {
    return several_ ? several_->chunks.data() + several_->chunks.size()
                    : &lone_ + (lone_.empty() ? 0 : 1);
  }
  std::size_t offset() const noexcept { return offset_; }

  /// Forgets the first `bytes`, which are in the kernel.
  void pop(std::size_t bytes) {
    if (bytes == size_)
      return clear();
    size_ -= bytes;
    offset_ += bytes;
    if (several_)
      offset_ = several_->pop(offset_);
  }

  void clear() noexcept {
    lone_ = chunk();
    if (several_ && several_->chunks.capacity() > kept_max)
      several_ = nullptr;
    else if (several_)
      several_->clear();
    offset_ = size_ = 0;
  }

  /// For how many chunks there is memory that was allocated.
  std::size_t capacity() const noexcept { return several_ ? several_->chunks.capacity() : 0; }

private:
  static constexpr std::size_t kept_max = 16;

  struct many {
    std::vector<chunk> chunks;
    std::size_t front = 0;

    /// Forgets the chunks that are gone with the first `offset` bytes; how many of those are of the
    /// first that is left.
    std::size_t pop(std::size_t offset) {
      while (front < chunks.size() && offset >= chunks[front].size()) {
        offset -= chunks[front].size();
        chunks[front++] = chunk();
      }
      if (front > 64 && front * 2 > chunks.size())
        compact();
      return offset;
    }
    void compact() {
      chunks.erase(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(front));
      front = 0;
    }
    void clear() noexcept {
      chunks.clear();
      front = 0;
    }
  };

  [[gnu::noinline]] void push_behind(chunk&& bytes) {
    if (!several_)
      several_ = std::make_unique<many>();
    if (!lone_.empty())
      several_->chunks.push_back(std::exchange(lone_, chunk()));
    several_->chunks.push_back(std::move(bytes));
  }

  chunk lone_; // empty as soon as there are several
  std::unique_ptr<many> several_;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

} // namespace actornet::net
