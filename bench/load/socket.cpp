// SPDX-License-Identifier: BSD-3-Clause
#include "socket.hpp"

#include "clock.hpp"

#include <cerrno>
#include <cstring>
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

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

ssize_t or_again(ssize_t outcome) {
  if (outcome < 0 && errno == EINTR)
    errno = EAGAIN;
  return outcome;
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

unique_fd connect_to_loopback(std::uint16_t port, std::size_t client) {
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
  // The port is chosen by connect, which knows that two connections to different servers may share
  // one (ip(7)).
  check(::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on),
        "setsockopt IP_BIND_ADDRESS_NO_PORT");
  const auto number = static_cast<std::uint32_t>(client % clients_max);
  const auto from = address_of(INADDR_LOOPBACK + number, 0);
  check(::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from), "bind");
  const auto to = address_of(INADDR_LOOPBACK, port);
  check(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), "connect");
  check(::fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl O_NONBLOCK");
  return result;
}

ssize_t receive(const unique_fd& fd, char* bytes, std::size_t size) {
  return or_again(::recv(fd.get(), bytes, size, 0));
}

void note_arrivals(const unique_fd& fd) {
  const int on = 1;
  check(::setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on),
        "setsockopt SO_TIMESTAMPNS");
}

arrival receive_noted(const unique_fd& fd, char* bytes, std::size_t size) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))];
  iovec place{.iov_base = bytes, .iov_len = size};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto count = or_again(::recvmsg(fd.get(), &message, 0));
  const auto* header = count > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_TIMESTAMPNS)
    return {.count = count};
  timespec time{};
  std::memcpy(&time, CMSG_DATA(header), sizeof time);
  return {.count = count, .came_ns = to_ns(time)};
}

ssize_t send(const unique_fd& fd, const char* bytes, std::size_t size) {
  return or_again(::send(fd.get(), bytes, size, MSG_NOSIGNAL));
}

} // namespace load
