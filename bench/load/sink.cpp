// SPDX-License-Identifier: BSD-3-Clause
#include "sink.hpp"

#include "file_check.hpp"
#include "pattern_file.hpp"
#include "poller.hpp"
#include "socket.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace load {

namespace {

struct stream {
  unique_fd fd;
  std::size_t position = 0; // in the pattern
  std::uint64_t sent = 0;
  bool is_finished = false;
};

class sink_load {
public:
  explicit sink_load(const sink_options& options);

  sink_result run();

private:
  void open_streams();
  void finish_streams();
  void give_up();
  void check();
  void handle(stream& peer, std::uint32_t events);
  void send_some(stream& peer);
  void expect_end(stream& peer);
  void fail(stream& peer, const std::string& why);
  void close(stream& peer);

  const sink_options options_;
  const pattern_file pattern_{pattern{}};
  sink_result result_;
  schedule schedule_;
  poller<stream> poller_;
  std::vector<stream> streams_;
  std::size_t open_streams_ = 0;
};

sink_load::sink_load(const sink_options& options)
    : options_(options), schedule_(options.time, options.peer, result_.measured),
      streams_(options.connections) {}

sink_result sink_load::run() {
  open_streams();
  schedule_.start();
  while (open_streams_ > 0) {
    schedule_.polled(poller_.poll([this](stream& peer, auto events) { handle(peer, events); }));
    if (schedule_.is_draining())
      finish_streams();
    if (schedule_.is_stuck())
      give_up();
  }
  if (!options_.files.empty())
    check();
  return result_;
}

void sink_load::check() {
  std::vector<std::uint64_t> sent;
  for (const auto& peer : streams_)
    sent.push_back(peer.sent);
  check_files(options_.files, sent, result_.measured);
}

void sink_load::open_streams() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto& peer = streams_[i];
    peer.fd = connect_to_loopback(options_.peer.port, i);
    peer.position = pattern::start_of(i);
    poller_.watch(peer.fd, peer, EPOLLIN | EPOLLOUT);
    ++open_streams_;
  }
}

void sink_load::finish_streams() {
  for (auto& peer : streams_) {
    if (peer.is_finished || !peer.fd.is_open())
      continue;
    peer.is_finished = true;
    ::shutdown(peer.fd.get(), SHUT_WR); // if it fails, the connection has broken, and recv says so
    poller_.watch_instead(peer.fd, peer, EPOLLIN);
  }
}

void sink_load::give_up() {
  for (auto& peer : streams_)
    if (peer.fd.is_open())
      fail(peer, "the server neither took nor closed anything for 5 s");
}

void sink_load::handle(stream& peer, std::uint32_t events) {
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
    expect_end(peer);
  if (peer.fd.is_open() && (events & EPOLLOUT) != 0)
    send_some(peer);
}

void sink_load::send_some(stream& peer) {
  const auto count = pattern_.send(peer.fd, peer.position, options_.size_bytes);
  if (count < 0 && errno == EAGAIN)
    return;
  if (count < 0)
    return fail(peer, std::string{"send: "} + std::strerror(errno));
  schedule_.progress();
  const auto size = static_cast<std::size_t>(count);
  peer.position = pattern::advanced(peer.position, size);
  peer.sent += size;
  result_.sent_bytes += size;
  if (!schedule_.is_measuring())
    return;
  ++result_.measured.messages;
  result_.measured.bytes += size;
}

void sink_load::expect_end(stream& peer) {
  char byte = 0;
  const auto count = receive(peer.fd, &byte, 1);
  if (count < 0 && errno == EAGAIN)
    return;
  if (count < 0)
    return fail(peer, std::string{"recv: "} + std::strerror(errno));
  if (count > 0)
    return fail(peer, "the server answered");
  if (!peer.is_finished)
    return fail(peer, "the server closed the connection");
  schedule_.progress();
  close(peer);
}

void sink_load::fail(stream& peer, const std::string& why) {
  result_.measured.add_error(static_cast<std::size_t>(&peer - streams_.data()), why);
  close(peer);
}

void sink_load::close(stream& peer) {
  peer.fd.reset();
  --open_streams_;
}

} // namespace

sink_result run_sink(const sink_options& options) { return sink_load{options}.run(); }

} // namespace load
