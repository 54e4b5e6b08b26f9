// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

namespace actornet::test {

/// A FIFO with its reader, who reads when he is told to.
class fifo {
public:
  explicit fifo(std::string where) : path(std::move(where)) {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  }
  fifo(const fifo&) = delete;
  fifo& operator=(const fifo&) = delete;
  ~fifo() { close(); }

  void open() {
    number_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(number_ >= 0);
  }
  void close() {
    if (number_ >= 0)
      ::close(number_);
    number_ = -1;
  }
  /// Bytes that are there now.
  std::size_t unread() const {
    int count = 0;
    REQUIRE(::ioctl(number_, FIONREAD, &count) == 0);
    return static_cast<std::size_t>(count);
  }
  /// Takes what is there now, 64 KiB at most.
  void read_some() {
    std::array<char, 65536> buffer{};
    auto count = ::read(number_, buffer.data(), buffer.size());
    if (count > 0)
      bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }

  const std::string path;
  std::string bytes;

private:
  int number_ = -1;
};

} // namespace actornet::test
