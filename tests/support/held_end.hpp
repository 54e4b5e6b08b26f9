// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/connected_pair.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace actornet::test {

/// A stream of a loop over the kernel, and the other end in our hands: what is done to it is done
/// within the call.
struct held_end {
  recorded_stream stream;
  int number = -1;

  explicit held_end(net::io_backend& loop) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    number = ends[0];
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
