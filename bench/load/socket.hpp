// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <sys/types.h>

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

/// How many of its addresses this machine connects from: each has ports of its own.
inline constexpr std::size_t clients_max = 64;

/// Connects to 127.0.0.1 within 5 seconds and makes the socket non-blocking, without Nagle's delay,
/// and with Reno as congestion control: a machine's default may be BBR, which paces even loopback.
/// Connections with different `client % clients_max` come from different addresses of 127.0.0.0/8.
/// Throws std::system_error.
unique_fd connect_to_loopback(std::uint16_t port, std::size_t client = 0);

/// Receives what is there, at most `size` bytes, as recv(2) does; but EINTR counts as EAGAIN.
ssize_t receive(const unique_fd& fd, char* bytes, std::size_t size);

struct arrival {
  ssize_t count = 0;         // as `receive` returns it
  std::uint64_t came_ns = 0; // on CLOCK_REALTIME, when the last of the bytes had reached the
                             // socket; 0 if it was not noted
};

/// The kernel is to note when bytes arrive. It begins a little later, when nobody on the machine
/// had asked for that before. Throws std::system_error.
void note_arrivals(const unique_fd& fd);

/// As `receive`.
arrival receive_noted(const unique_fd& fd, char* bytes, std::size_t size);

/// Sends what there is room for, as send(2) does, without SIGPIPE; but EINTR counts as EAGAIN.
ssize_t send(const unique_fd& fd, const char* bytes, std::size_t size);

} // namespace load
