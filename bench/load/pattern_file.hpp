// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pattern.hpp"
#include "socket.hpp"

#include <cstddef>
#include <sys/types.h>

namespace load {

/// The bytes of a pattern as a file in memory: the kernel sends them without a copy, so that who
/// sends as much as it can is not the limit of what it measures.
class pattern_file {
public:
  /// Throws std::system_error.
  explicit pattern_file(const pattern& content);

  /// Sends what there is room for of `size` bytes from `position` of the pattern, as send(2) does;
  /// but EINTR counts as EAGAIN. SIGPIPE has to be ignored.
  ssize_t send(const unique_fd& to, std::size_t position, std::size_t size) const;

private:
  unique_fd file_;
};

} // namespace load
