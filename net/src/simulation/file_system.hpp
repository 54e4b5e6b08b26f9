// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actornet::net::simulation {

/// The bytes of a file, and what is to go wrong with it. Stays while it is open, also when its path
/// is given to another.
struct file_node {
  std::string bytes;
  std::size_t synced_bytes = 0;
  bool hangs = false;
  /// Run when it hangs no more.
  std::vector<std::function<void()>> waiting;
  /// After so many more calls, one fails with that errno.
  std::optional<std::pair<std::size_t, int>> failure;

  /// errno of this call, or 0.
  int take_failure() noexcept {
    if (!failure)
      return 0;
    if (failure->first-- > 0)
      return 0;
    return std::exchange(failure, std::nullopt)->second;
  }
};

using file_node_ptr = std::shared_ptr<file_node>;

/// The files of a simulated network, by path. There are no directories: any path is a file's.
class file_system {
public:
  /// Null if there is none.
  file_node_ptr find(const std::string& path) const {
    auto found = files_.find(path);
    return found == files_.end() ? nullptr : found->second;
  }
  file_node_ptr find_or_make(const std::string& path) {
    auto& node = files_[path];
    if (!node)
      node = std::make_shared<file_node>();
    return node;
  }
  void remove(const std::string& path) { files_.erase(path); }

  void fail_opens(const std::string& path, int number) { opens_[path] = number; }
  void allow_opens(const std::string& path) { opens_.erase(path); }
  int open_failure(const std::string& path) const {
    auto found = opens_.find(path);
    return found == opens_.end() ? 0 : found->second;
  }

  void refuse_pumps(bool refused) noexcept { refuses_pumps_ = refused; }
  bool refuses_pumps() const noexcept { return refuses_pumps_; }

  /// The disk takes so many bytes more.
  void limit(std::size_t bytes) noexcept { room_ = bytes; }
  std::size_t room() const noexcept { return room_; }
  void use(std::size_t bytes) noexcept {
    if (room_ != unlimited)
      room_ -= bytes;
  }

private:
  static constexpr auto unlimited = std::numeric_limits<std::size_t>::max();

  std::map<std::string, file_node_ptr> files_;
  std::map<std::string, int> opens_;
  std::size_t room_ = unlimited;
  bool refuses_pumps_ = false;
};

} // namespace actornet::net::simulation
