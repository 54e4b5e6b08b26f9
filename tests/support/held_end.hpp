// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/connected_pair.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace actornet::test {

using two_ends = std::array<int, 2>;

inline two_ends unix_ends() {
  two_ends ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return ends;
}

inline two_ends tcp_ends() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, where, size) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  REQUIRE(::getsockname(listener, where, &size) == 0);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::connect(client, where, size) == 0);
  const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  REQUIRE(server >= 0);
  ::close(listener);
  return {client, server};
}

/// A stream of a loop over the kernel, and the other end in our hands: what is done to it is done
/// within the call.
struct held_end {
  recorded_stream stream;
  int number = -1;

  explicit held_end(net::io_backend& loop, two_ends ends = unix_ends()) : number(ends[0]) {
    auto adopted = loop.adopt_stream(ends[1]);
    REQUIRE(adopted);
    serve(loop, std::move(adopted->socket), stream);
  }
  held_end(const held_end&) = delete;
  held_end& operator=(const held_end&) = delete;
  ~held_end() { ::close(number); }

  void write(std::string_view bytes) const {
    REQUIRE(::write(number, bytes.data(), bytes.size()) ==
            static_cast<std::ptrdiff_t>(bytes.size()));
  }
  /// One byte, out of band (tcp(7)).
  void write_urgent(char byte) const { REQUIRE(::send(number, &byte, 1, MSG_OOB) == 1); }
  /// After it, nothing is written.
  void finish() const { REQUIRE(::shutdown(number, SHUT_WR) == 0); }
  /// As many times `bytes`, whole or in part, as there is room for.
  void fill_with(std::string_view bytes) const {
    while (::send(number, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
  }
  /// What is there, 100 bytes at most.
  std::string read() const {
    std::array<char, 100> bytes{};
    auto count = ::recv(number, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
  }
  /// Takes all that is there; how many bytes.
  std::size_t drain() const {
    std::array<char, 64 * 1024> bytes{};
    std::size_t total = 0;
    for (std::ptrdiff_t count = 0;
         (count = ::recv(number, bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;)
      total += static_cast<std::size_t>(count);
    return total;
  }
  /// The loop's end is closed.
  bool is_at_end() const {
    char byte = 0;
    return ::recv(number, &byte, 1, MSG_DONTWAIT) == 0;
  }
};

} // namespace actornet::test
