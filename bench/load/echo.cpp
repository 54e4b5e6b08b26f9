// SPDX-License-Identifier: BSD-3-Clause
#include "echo.hpp"

#include "pattern.hpp"
#include "socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <iostream>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <vector>

namespace load {

namespace {

constexpr std::uint64_t ns_per_second = 1'000'000'000;
constexpr std::uint64_t patience_ns = 5 * ns_per_second;

std::uint64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0)
    throw std::system_error(errno, std::generic_category(), "clock_gettime");
  return static_cast<std::uint64_t>(time.tv_sec) * ns_per_second +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t now_ns() { return read_clock_ns(CLOCK_MONOTONIC); }

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

double to_seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

struct stream {
  unique_fd fd;
  std::size_t send_position = 0; // in the pattern
  std::size_t receive_position = 0;
  std::uint64_t outstanding_bytes = 0; // sent and not yet returned
  std::uint64_t unsent_bytes = 0;      // of messages that are due
  std::size_t partial_bytes = 0;       // of the message that is coming back
  std::size_t oldest = 0;              // index in sent_at_ns
  std::vector<std::uint64_t> sent_at_ns;
  bool waits_for_room = false;
};

enum class phase { warming_up, measuring, draining, done };

class echo_load {
public:
  explicit echo_load(const echo_options& options);

  echo_result run();

private:
  void open_streams();
  void poll_once();
  void follow_the_clock();
  void begin_measuring();
  void end_measuring();
  void give_up_on_owing_streams();
  void handle(stream& peer, std::uint32_t events);
  void receive(stream& peer);
  void count_messages(stream& peer);
  void send_due(stream& peer);
  void wait_for_room(stream& peer, bool wanted);
  void fail(stream& peer, const std::string& why);
  std::uint64_t server_cpu_ns() const;
  bool all_returned() const;

  const echo_options options_;
  const pattern pattern_;
  echo_result result_;
  phase phase_ = phase::warming_up;
  unique_fd epoll_;
  clockid_t server_clock_ = CLOCK_MONOTONIC;
  std::vector<stream> streams_;
  std::size_t open_streams_ = 0;
  std::vector<char> received_;
  std::array<epoll_event, 512> events_{};
  std::uint64_t now_ns_ = 0;
  std::uint64_t phase_began_ns_ = 0;
  std::uint64_t progressed_ns_ = 0;
  std::uint64_t cpu_began_ns_ = 0;
  std::uint64_t polls_ = 0;
  std::uint64_t empty_polls_ = 0;
};

echo_load::echo_load(const echo_options& options)
    : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)), streams_(options.connections),
      received_(pattern::piece_bytes_max) {
  if (!epoll_.is_open())
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  if (options_.server_pid == 0)
    return;
  if (const int error = ::clock_getcpuclockid(options_.server_pid, &server_clock_); error != 0)
    throw std::system_error(error, std::generic_category(), "clock_getcpuclockid");
}

echo_result echo_load::run() {
  open_streams();
  now_ns_ = phase_began_ns_ = progressed_ns_ = now_ns();
  for (auto& peer : streams_) {
    peer.unsent_bytes = options_.size_bytes * options_.in_flight;
    peer.sent_at_ns.assign(options_.in_flight, now_ns());
    send_due(peer);
  }
  while (phase_ != phase::done) {
    poll_once();
    follow_the_clock();
  }
  return result_;
}

// All connections are made before the first byte is sent: the server's way of accepting is not
// what is measured here.
void echo_load::open_streams() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto& peer = streams_[i];
    peer.fd = connect_to_loopback(options_.port);
    peer.send_position = peer.receive_position = pattern::start_of(i);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &peer;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, peer.fd.get(), &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    ++open_streams_;
  }
}

void echo_load::poll_once() {
  const int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 0);
  if (count < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "epoll_wait");
  ++polls_;
  if (count <= 0) {
    ++empty_polls_;
    now_ns_ = now_ns();
  }
  for (int i = 0; i < count; ++i) {
    const auto& event = events_[static_cast<std::size_t>(i)];
    handle(*static_cast<stream*>(event.data.ptr), event.events);
  }
}

void echo_load::follow_the_clock() {
  const auto elapsed_ns = now_ns_ - phase_began_ns_;
  if (phase_ == phase::warming_up && elapsed_ns >= to_ns(options_.warmup_seconds))
    begin_measuring();
  else if (phase_ == phase::measuring && elapsed_ns >= to_ns(options_.seconds))
    end_measuring();
  if (now_ns_ - progressed_ns_ > patience_ns)
    give_up_on_owing_streams();
  if (open_streams_ == 0 || (phase_ == phase::draining && all_returned()))
    phase_ = phase::done;
}

void echo_load::begin_measuring() {
  phase_ = phase::measuring;
  polls_ = empty_polls_ = 0;
  cpu_began_ns_ = server_cpu_ns();
  phase_began_ns_ = now_ns_ = now_ns();
}

void echo_load::end_measuring() {
  phase_ = phase::draining;
  now_ns_ = now_ns();
  result_.seconds = to_seconds(now_ns_ - phase_began_ns_);
  result_.server_cpu_seconds = to_seconds(server_cpu_ns() - cpu_began_ns_);
  result_.empty_polls = static_cast<double>(empty_polls_) / static_cast<double>(polls_);
  for (auto& peer : streams_)
    peer.unsent_bytes = 0;
}

void echo_load::give_up_on_owing_streams() {
  for (auto& peer : streams_)
    if (peer.fd.is_open() && peer.outstanding_bytes > 0)
      fail(peer, "nothing came back for 5 s, " + std::to_string(peer.outstanding_bytes) +
                     " bytes are missing");
}

void echo_load::handle(stream& peer, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0)
    send_due(peer);
  if (peer.fd.is_open() && (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
    receive(peer);
}

void echo_load::receive(stream& peer) {
  const auto count = ::recv(peer.fd.get(), received_.data(), received_.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (count < 0)
    return fail(peer, std::string{"recv: "} + std::strerror(errno));
  if (count == 0)
    return fail(peer, "the server closed the connection");
  now_ns_ = progressed_ns_ = now_ns();
  const auto size = static_cast<std::size_t>(count);
  if (size > peer.outstanding_bytes)
    return fail(peer, "more bytes came back than were sent");
  if (std::memcmp(received_.data(), pattern_.at(peer.receive_position), size) != 0)
    return fail(peer, "a byte came back changed");
  peer.receive_position = pattern::advanced(peer.receive_position, size);
  peer.outstanding_bytes -= size;
  peer.partial_bytes += size;
  if (phase_ == phase::draining)
    return;
  count_messages(peer);
  send_due(peer);
}

// Each message that came back whole is followed by the next one. As `in_flight` messages are always
// under way, the new one takes over the time slot of the old one.
void echo_load::count_messages(stream& peer) {
  while (peer.partial_bytes >= options_.size_bytes) {
    peer.partial_bytes -= options_.size_bytes;
    auto& sent_at_ns = peer.sent_at_ns[peer.oldest];
    if (phase_ == phase::measuring) {
      ++result_.messages;
      result_.latency.record(now_ns_ - sent_at_ns);
    }
    sent_at_ns = now_ns_;
    if (++peer.oldest == options_.in_flight)
      peer.oldest = 0;
    peer.unsent_bytes += options_.size_bytes;
  }
}

void echo_load::send_due(stream& peer) {
  while (peer.unsent_bytes > 0) {
    const auto size = std::min<std::uint64_t>(peer.unsent_bytes, pattern::piece_bytes_max);
    const auto count =
        ::send(peer.fd.get(), pattern_.at(peer.send_position), size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0 && errno == EAGAIN)
      return wait_for_room(peer, true);
    if (count < 0)
      return fail(peer, std::string{"send: "} + std::strerror(errno));
    const auto sent = static_cast<std::size_t>(count);
    peer.send_position = pattern::advanced(peer.send_position, sent);
    peer.unsent_bytes -= sent;
    peer.outstanding_bytes += sent;
  }
  wait_for_room(peer, false);
}

void echo_load::wait_for_room(stream& peer, bool wanted) {
  if (peer.waits_for_room == wanted)
    return;
  peer.waits_for_room = wanted;
  epoll_event event{};
  event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &peer;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, peer.fd.get(), &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void echo_load::fail(stream& peer, const std::string& why) {
  std::cerr << "load: connection " << &peer - streams_.data() << ": " << why << '\n';
  ++result_.errors;
  --open_streams_;
  peer.fd.reset();
}

std::uint64_t echo_load::server_cpu_ns() const {
  return options_.server_pid == 0 ? 0 : read_clock_ns(server_clock_);
}

bool echo_load::all_returned() const {
  return std::all_of(streams_.begin(), streams_.end(), [](const stream& peer) {
    return !peer.fd.is_open() || peer.outstanding_bytes == 0;
  });
}

} // namespace

echo_result run_echo(const echo_options& options) { return echo_load{options}.run(); }

} // namespace load
