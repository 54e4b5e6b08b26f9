// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/backends.hpp>

namespace actornet::net {

/// What the tests choose otherwise than programs, to come to the ends of things soon.
struct uring_options {
  /// So many operations leave in one system call.
  unsigned submissions = 1024;
  unsigned completions = 4096;
  /// A power of two. Few, so that what is received goes to memory that the cache has.
  unsigned buffers = 16;
  std::size_t buffer_bytes = 64 * 1024;
  /// From this many bytes on, a chunk shares the buffer that they came in instead of copying them.
  std::size_t share_from_bytes = 4 * 1024;
  /// Several receives fill one buffer, one behind the other (Linux 6.12).
  bool incremental = true;
  /// A receive ends by itself when it has filled the window (Linux 6.17).
  bool bounded = true;
  /// That is refused, as older kernels do.
  bool bound_is_refused = false;
  /// Completions are worked on only when the loop asks for them (Linux 6.1).
  bool deferred = true;
};

expected<std::unique_ptr<io_backend>> make_uring_backend(std::shared_ptr<resolver> names,
                                                         const uring_options& chosen);

} // namespace actornet::net
