// SPDX-License-Identifier: BSD-3-Clause
#include "echo.hpp"

#include "pattern.hpp"
#include "socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace load {

namespace {

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

class echo_load {
public:
  explicit echo_load(const echo_options& options);

  result run();

private:
  void open_streams();
  void stop_sending();
  void give_up_on_owing_streams();
  void handle(stream& peer, std::uint32_t events);
  void receive_some(stream& peer);
  void count_messages(stream& peer);
  void send_due(stream& peer);
  void wait_for_room(stream& peer, bool wanted);
  void fail(stream& peer, const std::string& why);
  bool all_returned() const;

  const echo_options options_;
  const pattern pattern_;
  result result_;
  schedule schedule_;
  poller<stream> poller_;
  std::vector<stream> streams_;
  std::size_t open_streams_ = 0;
  std::vector<char> received_;
};

echo_load::echo_load(const echo_options& options)
    : options_(options), schedule_(options.time, options.peer, result_), poller_(options.wait),
      streams_(options.connections), received_(pattern::piece_bytes_max) {}

result echo_load::run() {
  open_streams();
  schedule_.start();
  for (auto& peer : streams_) {
    peer.unsent_bytes = options_.size_bytes * options_.in_flight;
    peer.sent_at_ns.assign(options_.in_flight, schedule_.now());
    send_due(peer);
  }
  while (open_streams_ > 0 && !(schedule_.is_draining() && all_returned())) {
    schedule_.polled(poller_.poll([this](stream& peer, auto events) { handle(peer, events); }));
    if (schedule_.is_draining())
      stop_sending();
    if (schedule_.is_stuck())
      give_up_on_owing_streams();
  }
  return result_;
}

// All connections are made before the first byte is sent: the server's way of accepting is not
// what is measured here.
void echo_load::open_streams() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto& peer = streams_[i];
    peer.fd = connect_to_loopback(options_.peer.port, i);
    peer.send_position = peer.receive_position = pattern::start_of(i);
    poller_.watch(peer.fd, peer);
    ++open_streams_;
  }
}

void echo_load::stop_sending() {
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
    receive_some(peer);
}

void echo_load::receive_some(stream& peer) {
  const auto count = receive(peer.fd, received_.data(), received_.size());
  if (count < 0 && errno == EAGAIN)
    return;
  if (count < 0)
    return fail(peer, std::string{"recv: "} + std::strerror(errno));
  if (count == 0)
    return fail(peer, "the server closed the connection");
  schedule_.progress();
  const auto size = static_cast<std::size_t>(count);
  if (size > peer.outstanding_bytes)
    return fail(peer, "more bytes came back than were sent");
  if (std::memcmp(received_.data(), pattern_.at(peer.receive_position), size) != 0)
    return fail(peer, "a byte came back changed");
  peer.receive_position = pattern::advanced(peer.receive_position, size);
  peer.outstanding_bytes -= size;
  peer.partial_bytes += size;
  if (schedule_.is_draining())
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
    if (schedule_.is_measuring()) {
      ++result_.messages;
      result_.bytes += options_.size_bytes;
      result_.latency.record(schedule_.now() - sent_at_ns);
    }
    sent_at_ns = schedule_.now();
    if (++peer.oldest == options_.in_flight)
      peer.oldest = 0;
    peer.unsent_bytes += options_.size_bytes;
  }
}

void echo_load::send_due(stream& peer) {
  while (peer.unsent_bytes > 0) {
    const auto size = std::min<std::uint64_t>(peer.unsent_bytes, pattern::piece_bytes_max);
    const auto count = send(peer.fd, pattern_.at(peer.send_position), size);
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
  poller_.watch_instead(peer.fd, peer, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void echo_load::fail(stream& peer, const std::string& why) {
  result_.add_error(static_cast<std::size_t>(&peer - streams_.data()), why);
  --open_streams_;
  peer.fd.reset();
}

bool echo_load::all_returned() const {
  return std::all_of(streams_.begin(), streams_.end(), [](const stream& peer) {
    return !peer.fd.is_open() || peer.outstanding_bytes == 0;
  });
}

} // namespace

result run_echo(const echo_options& options) { return echo_load{options}.run(); }

} // namespace load
