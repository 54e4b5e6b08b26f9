// SPDX-License-Identifier: BSD-3-Clause
#include "inline_block.hpp"

#include <actornet/net/chunk.hpp>

#include <algorithm>

namespace actornet::net {

namespace {

/// A block around memory that a container has allocated.
template <class Container> class container_block final : public block {
public:
  explicit container_block(Container&& bytes) noexcept
      : block(sizeof(container_block) + bytes.capacity(), free), bytes_(std::move(bytes)) {}

  const Container& bytes() const noexcept { return bytes_; }

private:
  static void free(block* gone) noexcept { delete static_cast<container_block*>(gone); }

  const Container bytes_;
};

/// A block around memory that somebody else looks after, counted with the bytes that are kept.
class foreign_block final : public block {
public:
  foreign_block(std::size_t bytes, std::shared_ptr<const void>&& owner) noexcept
      : block(sizeof(foreign_block) + bytes, free), owner_(std::move(owner)) {}

private:
  static void free(block* gone) noexcept { delete static_cast<foreign_block*>(gone); }

  const std::shared_ptr<const void> owner_;
};

template <class Container> chunk chunk_around(Container&& bytes) {
  if (bytes.empty())
    return {};
  auto* const owner = new container_block<Container>(std::move(bytes));
  const auto view = std::as_bytes(std::span(owner->bytes()));
  return chunk::of(block_ptr(owner), view.data(), view.size());
}

} // namespace

chunk chunk::from(std::string bytes) {
  const bool lives_inside = bytes.capacity() <= std::string().capacity();
  return lives_inside ? copy_of(std::string_view(bytes)) : chunk_around(std::move(bytes));
}

chunk chunk::from(std::vector<std::byte> bytes) { return chunk_around(std::move(bytes)); }

chunk chunk::from(std::vector<std::uint8_t> bytes) { return chunk_around(std::move(bytes)); }

chunk chunk::from(std::vector<char> bytes) { return chunk_around(std::move(bytes)); }

chunk chunk::from(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  if (bytes.empty())
    return {};
  auto* const made = new foreign_block(bytes.size(), std::move(owner));
  return of(block_ptr(made), bytes.data(), bytes.size());
}

chunk chunk::copy_of(std::span<const std::byte> bytes) {
  return inline_block::copy_of(bytes, nullptr);
}

chunk chunk::copy_of(std::string_view bytes) { return copy_of(std::as_bytes(std::span(bytes))); }

chunk chunk::of(block_ptr owner, const std::byte* data, std::size_t size) noexcept {
  return size == 0 ? chunk() : chunk(std::move(owner), data, size);
}

chunk chunk::slice(std::size_t offset, std::size_t length) const noexcept {
  const auto start = std::min(offset, size_);
  const auto count = std::min(length, size_ - start);
  return count == 0 ? chunk() : chunk(owner_, data_ + start, count);
}

chunk chunk::copy() const { return copy_of(bytes()); }

chunk text(std::string characters) { return chunk::from(std::move(characters)); }

} // namespace actornet::net
