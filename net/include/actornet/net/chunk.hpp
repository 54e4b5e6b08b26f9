// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/block.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actornet::net {

/// An immutable view of bytes that it shares with its copies and slices.
///
/// Copying costs one increment, slicing too; the bytes are freed with the last chunk that refers to
/// them, on whatever thread that happens. The bytes never change, so chunks of one block may be
/// read on several threads at once; a single chunk object is as thread-safe as an int.
///
/// A chunk that came from a connection counts against that connection's receive window for as long
/// as it, or any slice of it, lives. Who wants to keep a few bytes for long copies them (`copy()`).
///
/// A chunk without bytes owns nothing: neither does one that was moved from.
class chunk {
public:
  using value_type = std::byte;
  using const_iterator = const std::byte*;

  /// Empty, owns nothing.
  chunk() noexcept = default;
  chunk(const chunk&) noexcept = default;
  chunk(chunk&& other) noexcept
      : owner_(std::move(other.owner_)), data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  chunk& operator=(const chunk&) noexcept = default;
  chunk& operator=(chunk&& other) noexcept {
    owner_ = std::move(other.owner_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~chunk() = default;

  /// Take over the memory of `bytes`; nothing is copied (short strings are, as they live inside).
  static chunk from(std::string bytes);
  static chunk from(std::vector<std::byte> bytes);
  static chunk from(std::vector<std::uint8_t> bytes);
  static chunk from(std::vector<char> bytes);
  /// Bytes that lie anywhere: a file mapped into memory, say, or a buffer of the program's own.
  /// They must stay as they are for as long as `owner` lives, which goes with the last chunk that
  /// refers to them, on whatever thread that happens. A null `owner` is for bytes that outlive
  /// everything.
  static chunk from(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
  /// One right-sized copy.
  static chunk copy_of(std::span<const std::byte> bytes);
  static chunk copy_of(std::string_view bytes);
  /// The first `size` bytes at `data`, which lie inside `owner` and live as long as it does.
  static chunk of(block_ptr owner, const std::byte* data, std::size_t size) noexcept;

  const std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const_iterator begin() const noexcept { return data_; }
  const_iterator end() const noexcept { return data_ + size_; }
  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  /// The bytes as characters; valid as long as a chunk of this block lives.
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

  /// `length` bytes from `offset` on, cut to what is there: never out of range.
  chunk slice(std::size_t offset, std::size_t length = SIZE_MAX) const noexcept;
  /// The bytes in a block of their own, that no receive window counts.
  chunk copy() const;

  /// How many bytes of memory this chunk keeps alive: its block's, header included (see `block`),
  /// not its own.
  std::size_t pinned_bytes() const noexcept { return owner_ ? owner_->capacity() : 0; }

  /// Equal bytes, wherever they lie.
  friend bool operator==(const chunk& left, const chunk& right) noexcept {
    return left.view() == right.view();
  }

private:
  chunk(block_ptr owner, const std::byte* data, std::size_t size) noexcept
      : owner_(std::move(owner)), data_(data), size_(size) {}

  block_ptr owner_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A chunk of characters: `text("hello")`.
chunk text(std::string characters);

} // namespace actornet::net
