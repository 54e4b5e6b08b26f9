// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace actornet::net::simulation {

/// Bytes in, bytes out.
class byte_queue {
public:
  std::size_t size() const noexcept { return bytes_.size() - front_; }
  bool empty() const noexcept { return size() == 0; }
  std::string_view view() const noexcept { return std::string_view(bytes_).substr(front_); }

  void push(std::string_view bytes) { bytes_.append(bytes); }

  void pop(std::size_t count) {
    front_ += count;
    if (front_ * 2 > bytes_.size()) {
      bytes_.erase(0, front_);
      front_ = 0;
    }
  }

  std::string take(std::size_t count) {
    std::string taken(view().substr(0, count));
    pop(taken.size());
    return taken;
  }

  std::size_t read(std::span<std::byte> into) {
    auto count = std::min(into.size(), size());
    if (count > 0)
      std::memcpy(into.data(), view().data(), count);
    pop(count);
    return count;
  }

  void clear() noexcept {
    bytes_.clear();
    front_ = 0;
  }

private:
  std::string bytes_;
  std::size_t front_ = 0;
};

} // namespace actornet::net::simulation
