// SPDX-License-Identifier: BSD-3-Clause
#include "fanout.hpp"

#include "clock.hpp"
#include "pattern.hpp"
#include "poller.hpp"
#include "socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace load {

namespace {

constexpr char greeting = '!';

struct client {
  unique_fd fd;
  std::uint64_t received_bytes = 0;
  std::uint64_t messages = 0; // that came whole
};

// A message that is on its way.
struct message {
  std::uint64_t sent_at_ns = 0;
  std::size_t receivers = 0; // that have it
};

class fanout_load {
public:
  explicit fanout_load(const fanout_options& options);

  result run();

private:
  void open_clients();
  void receive_greetings(const client& peer, std::size_t count);
  void send_due();
  void wait_for_room(bool wanted);
  void receive_some(client& peer);
  void count_messages(client& peer);
  void fail(const client& peer, const std::string& why);
  bool is_over() const;

  message& on_its_way(std::uint64_t number) { return messages_[number % messages_.size()]; }
  client& sender() { return clients_.front(); }

  const fanout_options options_;
  const pattern pattern_;
  result result_;
  schedule schedule_;
  poller<client> poller_;
  std::vector<client> clients_;
  std::vector<message> messages_;
  std::uint64_t begun_messages_ = 0;
  std::uint64_t done_messages_ = 0; // that all clients have
  std::uint64_t sent_bytes_ = 0;
  bool waits_for_room_ = false;
  std::vector<char> received_;
};

fanout_load::fanout_load(const fanout_options& options)
    : options_(options), schedule_(options.time, options.peer, result_),
      clients_(options.connections), messages_(options.in_flight),
      received_(pattern::piece_bytes_max) {}

result fanout_load::run() {
  open_clients();
  schedule_.start();
  while (!is_over()) {
    send_due();
    schedule_.polled(poller_.poll([this](client& peer, auto) { receive_some(peer); }));
    if (schedule_.is_stuck())
      for (const auto& peer : clients_)
        if (peer.received_bytes < sent_bytes_)
          fail(peer, "got nothing for 5 s");
  }
  return result_;
}

// A server knows a client some time after connect has returned. So each says one byte, waits until
// it comes back, and only then the next one connects; clients hear the bytes of those after them.
void fanout_load::open_clients() {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    auto& peer = clients_[i];
    peer.fd = connect_to_loopback(options_.peer.port, i);
    if (send(peer.fd, &greeting, 1) != 1)
      throw std::runtime_error("a new connection has no room for one byte");
    receive_greetings(peer, 1);
  }
  for (std::size_t i = 0; i < clients_.size(); ++i)
    receive_greetings(clients_[i], clients_.size() - 1 - i);
  for (auto& peer : clients_)
    poller_.watch(peer.fd, peer);
}

void fanout_load::receive_greetings(const client& peer, std::size_t count) {
  const auto deadline_ns = now_ns() + 5 * ns_per_second;
  while (count > 0) {
    char byte = 0;
    const auto got = receive(peer.fd, &byte, 1);
    if (got > 0 && byte == greeting)
      --count;
    else if (got >= 0 || errno != EAGAIN)
      throw std::runtime_error("a new client was sent something else than greetings");
    else if (now_ns() > deadline_ns)
      throw std::runtime_error("a greeting did not come back to a client within 5 s");
  }
}

void fanout_load::send_due() {
  while (!schedule_.is_draining() && begun_messages_ - done_messages_ < options_.in_flight) {
    on_its_way(begun_messages_) = {.sent_at_ns = schedule_.now(), .receivers = 0};
    ++begun_messages_;
  }
  const auto due_bytes = begun_messages_ * options_.size_bytes;
  while (sent_bytes_ < due_bytes) {
    const auto size = std::min<std::uint64_t>(due_bytes - sent_bytes_, pattern::piece_bytes_max);
    const auto count = send(sender().fd, pattern_.at(pattern::advanced(0, sent_bytes_)), size);
    if (count < 0 && errno == EAGAIN)
      return wait_for_room(true);
    if (count < 0)
      return fail(sender(), std::string{"send: "} + std::strerror(errno));
    sent_bytes_ += static_cast<std::size_t>(count);
  }
  wait_for_room(false);
}

void fanout_load::wait_for_room(bool wanted) {
  if (waits_for_room_ == wanted)
    return;
  waits_for_room_ = wanted;
  poller_.watch_instead(sender().fd, sender(), wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void fanout_load::receive_some(client& peer) {
  const auto count = receive(peer.fd, received_.data(), received_.size());
  if (count < 0 && errno == EAGAIN)
    return; // there was only room to send
  if (count < 0)
    return fail(peer, std::string{"recv: "} + std::strerror(errno));
  if (count == 0)
    return fail(peer, "the server closed the connection");
  schedule_.progress();
  const auto size = static_cast<std::size_t>(count);
  if (size > sent_bytes_ - peer.received_bytes)
    return fail(peer, "more bytes came than were sent");
  if (std::memcmp(received_.data(), pattern_.at(pattern::advanced(0, peer.received_bytes)), size) !=
      0)
    return fail(peer, "a byte came changed");
  peer.received_bytes += size;
  count_messages(peer);
}

void fanout_load::count_messages(client& peer) {
  for (; (peer.messages + 1) * options_.size_bytes <= peer.received_bytes; ++peer.messages) {
    auto& whole = on_its_way(peer.messages);
    if (++whole.receivers == clients_.size())
      ++done_messages_;
    if (!schedule_.is_measuring())
      continue;
    ++result_.messages;
    result_.bytes += options_.size_bytes;
    result_.latency.record(schedule_.now() - whole.sent_at_ns);
  }
}

void fanout_load::fail(const client& peer, const std::string& why) {
  result_.add_error(static_cast<std::size_t>(&peer - clients_.data()), why);
}

bool fanout_load::is_over() const {
  return result_.errors > 0 || (schedule_.is_draining() && done_messages_ == begun_messages_);
}

} // namespace

result run_fanout(const fanout_options& options) { return fanout_load{options}.run(); }

} // namespace load
