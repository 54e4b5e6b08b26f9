// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace actornet::net {

/// What can be under way for a source, at most one of each kind.
enum class uring_operation : std::uint8_t {
  accept,
  await_client,
  connect,
  receive,
  send,
  watch_error,
  await_bytes,
  await_room
};

/// A completion of an operation of a source.
struct uring_completion {
  uring_operation what;
  int result; ///< as the system call would answer; -errno
  unsigned flags;
  bool is_last; ///< the operation is over
};

/// A socket of an io_uring backend.
///
/// Operations are started in `on_flush` and nowhere else: what has been prepared names descriptors,
/// and nobody can close one before it is handed over, because nobody is told anything in between.
/// A source stays in memory until it is closed and nothing is under way.
class uring_source {
public:
  virtual ~uring_source() = default;

  /// Starts what is to be started. Tells nobody anything.
  virtual void on_flush() = 0;
  /// Something is to be told that no completion tells.
  virtual void on_turn() {}
  virtual void on_completion(const uring_completion& what) = 0;

  bool is_under_way(uring_operation what) const noexcept { return (under_way & bit(what)) != 0; }
  static constexpr std::uint8_t bit(uring_operation what) noexcept {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(what));
  }

  const void* told = nullptr; ///< whoever hears most of it: worth being in the cache
  bool closed = false;        ///< nothing may be told any more
  bool awaits_turn = false;   ///< is in the backend's list for the next turn
  bool awaits_flush = false;  ///< is in the backend's list of things to start
  bool awaits_buffer = false; ///< found no buffer to receive into, and waits for its turn
  bool was_let_in = false;    ///< its turn came, and it has received nothing since
  std::uint8_t under_way = 0; ///< operations that the kernel has, as `bit`s
};

} // namespace actornet::net
