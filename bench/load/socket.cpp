// SPDX-License-Identifier: BSD-3-Clause
#include "socket.hpp"

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace load {

namespace {

void check(int result, const char* what) {
  if (result < 0)
    throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

unique_fd& unique_fd::operator=(unique_fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void unique_fd::reset() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

int unique_fd::release() { return std::exchange(fd_, -1); }

unique_fd connect_to_loopback(std::uint16_t port) {
  unique_fd result{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  check(result.get(), "socket");
  const auto fd = result.get();
  const int on = 1;
  check(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt TCP_NODELAY");
  // Reno is part of every kernel and needs no privilege (tcp(7)).
  constexpr std::string_view control = "reno";
  check(::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control.data(), control.size()),
        "setsockopt TCP_CONGESTION");
  // SO_SNDTIMEO also bounds connect (socket(7)).
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  check(::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience),
        "setsockopt SO_SNDTIMEO");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  check(::fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl O_NONBLOCK");
  return result;
}

} // namespace load
