// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

namespace actornet::net {

/// The file that bind(2) made for a unix socket: removed on destruction, unless the path means
/// another file by then (somebody else listens there now).
class bound_path {
public:
  /// Nothing to remove.
  bound_path() = default;
  /// Remembers which file `path` is at this moment.
  explicit bound_path(std::string path);
  bound_path(bound_path&& other) noexcept;
  bound_path& operator=(bound_path&& other) noexcept;
  ~bound_path();

private:
  std::string path_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

} // namespace actornet::net
