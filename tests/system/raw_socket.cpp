// SPDX-License-Identifier: BSD-3-Clause
#include "system/raw_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace actornet::test {

namespace {

constexpr int patience_ms = 30'000;
constexpr std::size_t block_size = 64 * 1024;

int must(int result, const char* what) {
  if (result < 0)
    throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in address_of(const net::endpoint& where) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(where.port());
  std::memcpy(&result.sin_addr, where.bytes().data(), 4);
  return result;
}

int connect_number(int number, const net::endpoint& where) {
  auto address = address_of(where);
  return ::connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

} // namespace

raw_socket raw_socket::unconnected() {
  return raw_socket(must(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
}

raw_socket raw_socket::connected_to(const net::endpoint& where, int receive_buffer) {
  auto result = unconnected();
  if (receive_buffer > 0)
    must(::setsockopt(result.number_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                      sizeof(receive_buffer)),
         "setsockopt");
  result.connect_to(where);
  return result;
}

raw_socket raw_socket::connected_to_path(std::string_view path) {
  raw_socket result(must(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@')
    address.sun_path[0] = '\0';
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  must(::connect(result.number_, reinterpret_cast<const sockaddr*>(&address), size), "connect");
  return result;
}

raw_socket raw_socket::bound() {
  auto result = unconnected();
  auto address = address_of(net::endpoint::loopback_ipv4(0));
  must(::bind(result.number_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
       "bind");
  return result;
}

raw_socket raw_socket::listening(int backlog) {
  auto result = bound();
  must(::listen(result.number_, backlog), "listen");
  return result;
}

raw_socket::raw_socket(raw_socket&& other) noexcept
    : number_(std::exchange(other.number_, -1)), last_error_(other.last_error_) {}

raw_socket& raw_socket::operator=(raw_socket&& other) noexcept {
  close();
  number_ = std::exchange(other.number_, -1);
  last_error_ = other.last_error_;
  return *this;
}

int raw_socket::release() noexcept { return std::exchange(number_, -1); }

std::uint16_t raw_socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  must(::getsockname(number_, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

raw_socket raw_socket::accepts() {
  if (!wait(POLLIN))
    throw std::runtime_error("nobody connected");
  return raw_socket(must(::accept4(number_, nullptr, nullptr, SOCK_CLOEXEC), "accept"));
}

void raw_socket::connect_to(const net::endpoint& where) {
  must(connect_number(number_, where), "connect");
}

bool raw_socket::connects_at_once(const net::endpoint& where) {
  must(::fcntl(number_, F_SETFL, O_NONBLOCK), "fcntl");
  if (connect_number(number_, where) == 0)
    return true;
  // On the loopback a handshake that is answered at all is over before connect(2) returns.
  pollfd ready{number_, POLLOUT, 0};
  return ::poll(&ready, 1, 50) == 1;
}

bool raw_socket::wait(short events) {
  pollfd ready{number_, events, 0};
  return ::poll(&ready, 1, patience_ms) == 1;
}

bool raw_socket::sends(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait(POLLOUT))
      return false;
    auto sent = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) {
      last_error_ = errno;
      return false;
    }
    bytes.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
  }
  return true;
}

std::string raw_socket::receives(std::size_t max) {
  if (!wait(POLLIN)) {
    last_error_ = ETIMEDOUT;
    return {};
  }
  std::string result(max, '\0');
  auto got = ::recv(number_, result.data(), max, 0);
  last_error_ = got < 0 ? errno : 0;
  result.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return result;
}

std::string raw_socket::receives_all(std::size_t count) {
  std::string result;
  while (result.size() < count) {
    auto more = receives(std::min(count - result.size(), block_size));
    if (more.empty())
      break;
    result += more;
  }
  return result;
}

std::string raw_socket::receives_to_end() {
  std::string result;
  for (auto more = receives(block_size); !more.empty(); more = receives(block_size))
    result += more;
  return result;
}

void raw_socket::dawdles(std::chrono::milliseconds time) {
  ::poll(nullptr, 0, static_cast<int>(time.count()));
}

void raw_socket::finishes() { must(::shutdown(number_, SHUT_WR), "shutdown"); }

void raw_socket::resets() {
  linger at_once{1, 0};
  must(::setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), "setsockopt");
  close();
}

void raw_socket::close() noexcept {
  if (number_ >= 0)
    ::close(std::exchange(number_, -1));
}

} // namespace actornet::test
