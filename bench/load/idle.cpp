// SPDX-License-Identifier: BSD-3-Clause
#include "idle.hpp"

#include "clock.hpp"
#include "pattern.hpp"
#include "socket.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace load {

namespace {

class idle_load {
public:
  explicit idle_load(const idle_options& options);

  idle_result run();

private:
  void exchange(std::size_t number);
  std::size_t receive_some(std::size_t number);

  const idle_options options_;
  const pattern pattern_;
  std::vector<unique_fd> connections_;
  std::vector<char> received_;
};

idle_load::idle_load(const idle_options& options)
    : options_(options), connections_(options.connections), received_(options.size_bytes) {}

// Servers accept in the order in which clients connected: when the last one is answered, all are
// in. The first one is used before anything is counted, because it pays for what all will share.
idle_result idle_load::run() {
  idle_result result;
  connections_.front() = connect_to_loopback(options_.peer.port, 0);
  exchange(0);
  result.first_bytes = resident_bytes_of(options_.peer);
  for (std::size_t i = 1; i < connections_.size(); ++i)
    connections_[i] = connect_to_loopback(options_.peer.port, i);
  exchange(connections_.size() - 1);
  result.open_bytes = resident_bytes_of(options_.peer);
  for (std::size_t i = 0; i < connections_.size(); ++i)
    exchange(i);
  result.used_bytes = resident_bytes_of(options_.peer);
  return result;
}

void idle_load::exchange(std::size_t number) {
  const char* bytes = pattern_.at(pattern::start_of(number));
  if (send(connections_[number], bytes, options_.size_bytes) !=
      static_cast<ssize_t>(options_.size_bytes))
    throw std::runtime_error("an idle connection has no room for one message");
  for (std::size_t done = 0; done < options_.size_bytes;) {
    const auto size = receive_some(number);
    if (size > options_.size_bytes - done)
      throw std::runtime_error("more bytes came back than were sent");
    if (std::memcmp(received_.data(), bytes + done, size) != 0)
      throw std::runtime_error("a byte came back changed");
    done += size;
  }
}

std::size_t idle_load::receive_some(std::size_t number) {
  const auto deadline_ns = now_ns() + 5 * ns_per_second;
  while (now_ns() < deadline_ns) {
    const auto count = receive(connections_[number], received_.data(), received_.size());
    if (count > 0)
      return static_cast<std::size_t>(count);
    if (count == 0)
      throw std::runtime_error("the server closed connection " + std::to_string(number));
    if (errno != EAGAIN)
      throw std::system_error(errno, std::generic_category(), "recv");
  }
  throw std::runtime_error("connection " + std::to_string(number) + " got no answer for 5 s");
}

} // namespace

idle_result run_idle(const idle_options& options) { return idle_load{options}.run(); }

} // namespace load
