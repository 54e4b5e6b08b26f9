// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>

#include <memory>

namespace actornet::net {

/// An eventfd(2) that other threads ring. Shared by the backend and by those who may ring after it
/// is gone. The backend registers it edge triggered, so it need not be read.
class wake_signal {
public:
  static expected<std::shared_ptr<wake_signal>> make();
  explicit wake_signal(int number) noexcept : number_(number) {}
  wake_signal(const wake_signal&) = delete;
  wake_signal& operator=(const wake_signal&) = delete;
  ~wake_signal();

  int number() const noexcept { return number_; }
  /// Any thread.
  void ring() noexcept;

private:
  int number_;
};

} // namespace actornet::net
