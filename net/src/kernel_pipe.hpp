// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>
#include <actornet/net/descriptor.hpp>
#include <actornet/net/expected.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace actornet::net {

/// A pipe of the kernel that bytes pass on their way through a pump. The kernel locks it while it
/// is filled or emptied, also while it waits for a disk: so it belongs to one thread at a time.
class kernel_pipe {
public:
  /// What one holds if the kernel agrees. Where it does not (a user may have 64 MiB in all), what
  /// it gives. (It counts pieces, which may be larger than a page; we count bytes as well.)
  static constexpr std::size_t bytes_wanted = 1024 * 1024;

  static expected<std::unique_ptr<kernel_pipe>> make();
  kernel_pipe(descriptor out, descriptor in) : out_(std::move(out)), in_(std::move(in)) {}

  /// splice(2) from `number` into the pipe: bytes moved, 0 at the end, -errno.
  std::ptrdiff_t fill_from(int number, std::size_t most) noexcept;
  /// write(2) into it: bytes taken; 0 if there is no room.
  std::size_t fill_with(const chunk& bytes) noexcept;
  /// splice(2) out of it into `number`, of all that is in it: bytes moved, -errno.
  std::ptrdiff_t empty_into(int number) noexcept;
  /// Reads all that is in it.
  void take_back(std::vector<chunk>& into);

  /// That are in it.
  std::size_t bytes() const noexcept { return bytes_; }

private:
  descriptor out_;
  descriptor in_;
  std::size_t bytes_ = 0;
};

} // namespace actornet::net
