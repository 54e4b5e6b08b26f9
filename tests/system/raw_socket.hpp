// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace actornet::test {

/// A blocking socket of the other side, made of plain system calls. Each wait ends after half a
/// minute.
class raw_socket {
public:
  /// Throws std::system_error. A small `receive_buffer` makes a peer that is soon full.
  static raw_socket connected_to(const net::endpoint& where, int receive_buffer = 0);
  static raw_socket unconnected();
  static raw_socket connected_to_path(std::string_view path);
  /// Has a port of the loopback, and refuses who connects to it.
  static raw_socket bound();
  /// Accepts nothing by itself: `backlog` clients fit, and then no more.
  static raw_socket listening(int backlog);

  explicit raw_socket(int number = -1) noexcept : number_(number) {}
  raw_socket(raw_socket&& other) noexcept;
  raw_socket& operator=(raw_socket&& other) noexcept;
  ~raw_socket() { close(); }

  int number() const noexcept { return number_; }
  /// The caller's from now on.
  int release() noexcept;
  std::uint16_t port() const;
  raw_socket accepts();
  void connect_to(const net::endpoint& where);
  /// True if the handshake is done at once.
  bool connects_at_once(const net::endpoint& where);

  /// False if the other side does not take it all.
  bool sends(std::string_view bytes);
  /// Up to `max` bytes, at least one; nothing at the end. `last_error` tells an end from an error.
  std::string receives(std::size_t max);
  /// Exactly `count` bytes, or less when the end came.
  std::string receives_all(std::size_t count);
  /// All there is before the end.
  std::string receives_to_end();
  int last_error() const noexcept { return last_error_; }

  /// Does nothing for a while: how slow a peer is, and never what a test waits for.
  static void dawdles(std::chrono::milliseconds time);

  /// FIN.
  void finishes();
  /// RST.
  void resets();
  void close() noexcept;

private:
  bool wait(short events);

  int number_;
  int last_error_ = 0;
};

} // namespace actornet::test
