// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

namespace actornet::net {

/// Where descriptors come from and go back to: the kernel, or a simulated network.
class descriptor_home {
public:
  /// Any thread.
  virtual void close_descriptor(int number) noexcept = 0;

protected:
  ~descriptor_home() = default;
};

/// Sole owner of an open descriptor that is on its way from one place to another, for example of
/// an accepted connection that another loop will serve. Closed on destruction.
class descriptor {
public:
  descriptor() noexcept = default;
  descriptor(int number, descriptor_home& home) noexcept : number_(number), home_(&home) {}
  descriptor(descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)), home_(other.home_) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    std::swap(home_, other.home_);
    return *this;
  }
  ~descriptor() {
    if (number_ >= 0)
      home_->close_descriptor(number_);
  }

  int number() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  /// Gives up ownership.
  int release() noexcept { return std::exchange(number_, -1); }

private:
  int number_ = -1;
  descriptor_home* home_ = nullptr;
};

} // namespace actornet::net
