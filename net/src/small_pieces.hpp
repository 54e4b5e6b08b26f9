// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace actornet::net {

/// Memory for what comes and goes with every message: each thread keeps a little of what it gave
/// back for the next time, with no call of the allocator between.
///
/// Any thread; a piece may be given back on another thread than it was taken on. What a thread
/// keeps is freed when it ends. Nothing is kept where a sanitizer is to see each use of freed
/// memory.
class small_pieces {
public:
  /// Of more bytes than this nothing is kept.
  static constexpr std::size_t piece_bytes_max = 256;
  /// By one thread.
  static constexpr std::size_t kept_bytes_max = 64 * 1024;

  static void* take(std::size_t bytes) {
    if (bytes > piece_bytes_max)
      return ::operator new(bytes);
    auto& first = shelf_.first[place_of(bytes)];
    if (first == nullptr)
      return ::operator new(size_at(place_of(bytes)));
    auto* const taken = first;
    first = taken->next;
    shelf_.room += size_at(place_of(bytes));
    return taken;
  }

  /// `bytes` as they were asked for.
  static void give_back(void* piece, std::size_t bytes) noexcept {
    if (bytes > piece_bytes_max)
      return ::operator delete(piece);
    const auto place = place_of(bytes);
    if (shelf_.room < size_at(place) && !begin())
      return ::operator delete(piece);
    shelf_.first[place] = ::new (piece) link{shelf_.first[place]};
    shelf_.room -= size_at(place);
  }

  /// By this thread.
  static std::size_t kept_bytes() noexcept;

private:
  static constexpr std::size_t step = 16; // pieces of sizes between share a place

  struct link {
    link* next;
  };
  enum class stage : std::uint8_t { unused, in_use, closed };
  struct shelf {
    std::array<link*, piece_bytes_max / step> first;
    std::size_t room; // in bytes
    stage now;
  };
  struct closer;

  static constexpr std::size_t place_of(std::size_t bytes) noexcept {
    return (bytes + step - 1) / step - 1;
  }
  static constexpr std::size_t size_at(std::size_t place) noexcept { return (place + 1) * step; }

  /// There is no room: true if that was only because this thread kept nothing before.
  static bool begin() noexcept;

  // Of a kind that needs neither construction nor a look whether it was constructed.
  static thread_local constinit inline shelf shelf_{}; // NOLINT(readability-identifier-naming)
};

} // namespace actornet::net
