// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
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

/// What belongs to an open descriptor and ends with it: a place among connections that are counted.
/// Destroyed right after the descriptor was closed, on whatever thread that was; so by then nobody
/// can find more descriptors open than there are leases.
class descriptor_lease {
public:
  descriptor_lease() = default;
  descriptor_lease(const descriptor_lease&) = delete;
  descriptor_lease& operator=(const descriptor_lease&) = delete;
  virtual ~descriptor_lease() = default;
};

/// Sole owner of an open descriptor: of a socket, or of one on its way from one place to another,
/// for example of an accepted connection that another loop will serve. Closed on destruction.
class descriptor {
public:
  descriptor() noexcept = default;
  descriptor(int number, descriptor_home& home) noexcept : number_(number), home_(&home) {}
  descriptor(descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)), home_(other.home_),
        lease_(std::move(other.lease_)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    std::swap(home_, other.home_);
    std::swap(lease_, other.lease_);
    return *this;
  }
  ~descriptor() {
    if (number_ >= 0)
      home_->close_descriptor(number_);
  }

  int number() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  /// Gives up ownership, and lets the lease go.
  int release() noexcept {
    lease_.reset();
    return std::exchange(number_, -1);
  }
  /// From now on until the descriptor is closed. At most one; a further one replaces it.
  void keep(std::unique_ptr<descriptor_lease> lease) noexcept { lease_ = std::move(lease); }

private:
  int number_ = -1;
  descriptor_home* home_ = nullptr;
  std::unique_ptr<descriptor_lease> lease_; // goes after the destructor has closed
};

} // namespace actornet::net
