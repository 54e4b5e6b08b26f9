// SPDX-License-Identifier: BSD-3-Clause
#include "burst.hpp"

#include "clock.hpp"
#include "pattern.hpp"
#include "socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <poll.h>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace load {

namespace {

constexpr int patience_ms = 5000;
constexpr std::uint64_t patience_ns = 5 * ns_per_second;

struct stream {
  unique_fd fd;
  std::size_t position = 0; // in the pattern
};

class burst_load {
public:
  explicit burst_load(const burst_options& options);

  burst_result run();

private:
  void open_streams();
  void burst();
  void send_message(const stream& peer);
  std::uint64_t receive_message(stream& peer);
  arrival receive_some(const stream& peer);

  const burst_options options_;
  const pattern pattern_;
  burst_result result_;
  std::vector<stream> streams_;
  std::vector<char> received_;
};

void wait_until_readable(const unique_fd& fd) {
  pollfd wanted{.fd = fd.get(), .events = POLLIN, .revents = 0};
  const int found = ::poll(&wanted, 1, patience_ms);
  if (found < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "poll");
  if (found == 0)
    throw std::runtime_error("a connection got no answer for 5 s");
}

// The scheduler takes a core that runs nothing but such a process for an idle one, so threads of
// the server that are to go on find both cores free, although it is this process that lets them.
void yield_to_all() {
  const sched_param lowest{};
  if (::sched_setscheduler(0, SCHED_IDLE, &lowest) != 0)
    throw std::system_error(errno, std::generic_category(), "sched_setscheduler");
}

burst_load::burst_load(const burst_options& options)
    : options_(options), streams_(options.connections), received_(options.size_bytes + 1) {}

burst_result burst_load::run() {
  yield_to_all();
  open_streams();
  const auto until = [this](double seconds) {
    const auto began_ns = now_ns();
    do
      burst();
    while (to_seconds(now_ns() - began_ns) < seconds);
  };
  until(options_.time.warmup_seconds);
  result_ = {};
  until(options_.time.seconds);
  return result_;
}

// Each has an answer, so the server knows it; and an answer that was noted, so the kernel notes.
void burst_load::open_streams() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto& peer = streams_[i];
    const auto deadline_ns = now_ns() + patience_ns;
    peer.fd = connect_to_loopback(options_.peer.port, i);
    peer.position = pattern::start_of(i);
    note_arrivals(peer.fd);
    do {
      if (now_ns() > deadline_ns)
        throw std::runtime_error("the kernel does not note when bytes arrive");
      send_message(peer);
    } while (receive_message(peer) == 0);
  }
}

// From the last to the first: while the server is busy with the others, this process waits for the
// last one and takes nothing of the cores. Only then does it look at the answers.
void burst_load::burst() {
  std::optional<halt> halted{options_.peer};
  for (const auto& peer : streams_)
    send_message(peer);
  const auto cpu_began_ns = cpu_ns_of(options_.peer);
  const auto began_ns = read_clock_ns(CLOCK_REALTIME);
  halted.reset();
  auto ended_ns = began_ns;
  for (auto peer = streams_.rbegin(); peer != streams_.rend(); ++peer) {
    const auto came_ns = receive_message(*peer);
    if (came_ns == 0)
      throw std::runtime_error("the kernel has not noted when bytes arrived");
    ended_ns = std::max(ended_ns, came_ns);
  }
  result_.server_cpu_seconds += to_seconds(cpu_ns_of(options_.peer) - cpu_began_ns);
  result_.seconds += to_seconds(ended_ns - began_ns);
  result_.messages += streams_.size();
  ++result_.bursts;
}

void burst_load::send_message(const stream& peer) {
  const auto count = send(peer.fd, pattern_.at(peer.position), options_.size_bytes);
  if (count != static_cast<ssize_t>(options_.size_bytes))
    throw std::runtime_error("a connection has no room for one message");
}

// Returns when it had arrived, or 0 if that was not noted.
std::uint64_t burst_load::receive_message(stream& peer) {
  std::uint64_t came_ns = 0;
  for (std::size_t done = 0; done < options_.size_bytes;) {
    const auto some = receive_some(peer);
    const auto size = static_cast<std::size_t>(some.count);
    if (size > options_.size_bytes - done)
      throw std::runtime_error("more bytes came back than were sent");
    if (std::memcmp(received_.data(), pattern_.at(peer.position), size) != 0)
      throw std::runtime_error("a byte came back changed");
    peer.position = pattern::advanced(peer.position, size);
    done += size;
    came_ns = some.came_ns;
  }
  return came_ns;
}

arrival burst_load::receive_some(const stream& peer) {
  while (true) {
    const auto some = receive_noted(peer.fd, received_.data(), received_.size());
    if (some.count > 0)
      return some;
    if (some.count == 0)
      throw std::runtime_error("the server closed a connection");
    if (errno != EAGAIN)
      throw std::system_error(errno, std::generic_category(), "recv");
    wait_until_readable(peer.fd);
  }
}

} // namespace

burst_result run_burst(const burst_options& options) { return burst_load{options}.run(); }

} // namespace load
