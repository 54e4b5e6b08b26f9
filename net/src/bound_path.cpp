// SPDX-License-Identifier: BSD-3-Clause
#include <actornet/net/bound_path.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace actornet::net {

bound_path::bound_path(std::string path) : path_(std::move(path)) {
  struct stat found {};
  if (::lstat(path_.c_str(), &found) != 0) {
    path_.clear(); // removed in the meantime: then it is not ours to remove
    return;
  }
  device_ = found.st_dev;
  inode_ = found.st_ino;
}

bound_path::bound_path(bound_path&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

bound_path& bound_path::operator=(bound_path&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

bound_path::~bound_path() {
  if (path_.empty())
    return;
  struct stat found {};
  if (::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_)
    ::unlink(path_.c_str());
}

} // namespace actornet::net
