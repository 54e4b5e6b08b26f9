// SPDX-License-Identifier: BSD-3-Clause
#include "churn.hpp"

#include "clock.hpp"
#include "pattern.hpp"
#include "poller.hpp"
#include "socket.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace load {

namespace {

// One connection after the other.
struct sequence {
  unique_fd fd;
  std::size_t position = 0; // in the pattern, of the next byte to come back
  std::size_t missing_bytes = 0;
  std::uint64_t began_ns = 0;
};

class churn_load {
public:
  explicit churn_load(const churn_options& options);

  result run();

private:
  void begin(sequence& peer);
  void end(sequence& peer);
  void give_up();
  void receive_some(sequence& peer);
  void compare(sequence& peer, std::size_t size);
  void fail(sequence& peer, const std::string& why);

  const churn_options options_;
  const pattern pattern_;
  result result_;
  schedule schedule_;
  poller<sequence> poller_;
  std::vector<sequence> sequences_;
  std::size_t open_ = 0;
  std::size_t connections_begun_ = 0;
  std::vector<char> received_;
};

churn_load::churn_load(const churn_options& options)
    : options_(options), schedule_(options.time, options.peer, result_),
      sequences_(options.connections), received_(pattern::piece_bytes_max) {}

result churn_load::run() {
  schedule_.start();
  for (auto& peer : sequences_)
    begin(peer);
  while (open_ > 0) {
    schedule_.polled(poller_.poll([this](sequence& peer, auto) { receive_some(peer); }));
    if (schedule_.is_stuck())
      give_up();
  }
  return result_;
}

void churn_load::begin(sequence& peer) {
  const auto number = connections_begun_++;
  peer.began_ns = now_ns();
  peer.fd = connect_to_loopback(options_.peer.port, number);
  peer.position = pattern::start_of(number);
  peer.missing_bytes = options_.size_bytes;
  poller_.watch(peer.fd, peer);
  ++open_;
  const auto sent = send(peer.fd, pattern_.at(peer.position), options_.size_bytes);
  if (sent != static_cast<ssize_t>(options_.size_bytes))
    fail(peer, "a new connection has no room for one message");
}

void churn_load::end(sequence& peer) {
  peer.fd.reset();
  --open_;
}

void churn_load::give_up() {
  for (auto& peer : sequences_)
    if (peer.fd.is_open())
      fail(peer, "neither bytes nor an end came for 5 s");
}

void churn_load::receive_some(sequence& peer) {
  const auto count = receive(peer.fd, received_.data(), received_.size());
  if (count < 0 && errno == EAGAIN)
    return;
  if (count < 0)
    return fail(peer, std::string{"recv: "} + std::strerror(errno));
  schedule_.progress();
  if (count > 0)
    return compare(peer, static_cast<std::size_t>(count));
  if (peer.missing_bytes > 0)
    return fail(peer, "the server closed the connection");
  end(peer);
  if (schedule_.is_measuring()) {
    ++result_.messages;
    result_.bytes += options_.size_bytes;
    result_.latency.record(schedule_.now() - peer.began_ns);
  }
  if (!schedule_.is_draining())
    begin(peer);
}

void churn_load::compare(sequence& peer, std::size_t size) {
  if (size > peer.missing_bytes)
    return fail(peer, "more bytes came back than were sent");
  if (std::memcmp(received_.data(), pattern_.at(peer.position), size) != 0)
    return fail(peer, "a byte came back changed");
  peer.position = pattern::advanced(peer.position, size);
  peer.missing_bytes -= size;
  if (peer.missing_bytes == 0)
    ::shutdown(peer.fd.get(), SHUT_WR);
}

void churn_load::fail(sequence& peer, const std::string& why) {
  result_.add_error(static_cast<std::size_t>(&peer - sequences_.data()), why);
  end(peer);
}

} // namespace

result run_churn(const churn_options& options) { return churn_load{options}.run(); }

} // namespace load
