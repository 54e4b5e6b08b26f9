// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_socket.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <system_error>

namespace load {

namespace {

constexpr int buffer_bytes = 4 * 1024 * 1024;

void check(int result, const char* what) {
  if (result < 0)
    throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

unique_fd connect_datagrams(std::uint16_t port) {
  unique_fd result{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  check(result.get(), "socket");
  check(::setsockopt(result.get(), SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes),
        "setsockopt SO_RCVBUF");
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(result.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), "connect");
  return result;
}

// proc(5): sl local remote st tx_queue:rx_queue ... drops; the local address is host:port in
// hexadecimal digits, the host in the byte order of the machine.
backlog backlog_of(std::uint16_t port) {
  std::array<char, 16> wanted{};
  std::snprintf(wanted.data(), wanted.size(), ":%04X", static_cast<unsigned>(port));
  std::ifstream all("/proc/net/udp");
  for (std::string line; std::getline(all, line);) {
    char local[16];
    unsigned long waiting = 0;
    unsigned long dropped = 0;
    if (std::sscanf(line.c_str(),
                    " %*d: %15[0-9A-F:] %*s %*s %*x:%lx %*s %*s %*s %*s %*s %*s %*s %lu", local,
                    &waiting, &dropped) == 3 &&
        std::string(local).substr(8) == wanted.data())
      return {waiting, dropped};
  }
  throw std::runtime_error("no socket of UDP is bound to the port of the server");
}

} // namespace load
