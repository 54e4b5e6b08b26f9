// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace actornet::test {

/// Calls of splice(2) that take bytes out of a pipe end when the test says so: they are made, and
/// then held, so that bytes have moved and nobody knows it. For other threads than the test's; one
/// object at a time, whose end lets all go.
class held_splices {
public:
  held_splices();
  ~held_splices();
  held_splices(const held_splices&) = delete;
  held_splices& operator=(const held_splices&) = delete;

  /// Calls that were held so far, those that may have ended included.
  std::size_t count() const noexcept;
  /// Those that are held may end.
  void let_go() noexcept;
  /// And none is held any more.
  void let_go_all() noexcept;
  /// As `let_go`, and the thread whose call was the last has nothing left to do when this returns.
  void let_go_until_rest();
};

} // namespace actornet::test
