// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace load {

/// Owns a descriptor and closes it.
class unique_fd {
public:
  unique_fd() = default;
  explicit unique_fd(int fd) : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {}
  unique_fd& operator=(unique_fd&& other) noexcept;
  ~unique_fd() { reset(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void reset();

private:
  int release();

  int fd_ = -1;
};

/// Connects to 127.0.0.1 within 5 seconds and makes the socket non-blocking, without Nagle's delay,
/// and with Reno as congestion control: a machine's default may be BBR, which paces even loopback.
/// Throws std::system_error.
unique_fd connect_to_loopback(std::uint16_t port);

} // namespace load
