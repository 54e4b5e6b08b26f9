// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_sink.hpp"

#include "datagram_batch.hpp"
#include "datagram_socket.hpp"
#include "pattern.hpp"

#include <algorithm>
#include <vector>

namespace load {

namespace {

constexpr std::uint64_t waiting_bytes_max = 128 * 1024;
// What is sent between two looks at the server's backlog: at least so much, and whole batches. The
// kernel counts 832 bytes for a datagram of 64, and 2304 for one of 1400. With what waits before,
// that may be more than a receive buffer of the usual size holds (212,992): who does not ask for a
// larger one, as CAF's broker cannot, loses some of it, which is told.
constexpr std::uint64_t bytes_per_look = 128 * 1024;
constexpr std::uint64_t bytes_beside = 768;

class sink_load {
public:
  explicit sink_load(const datagram_sink_options& options)
      : options_(options), schedule_(options.time, options.peer, result_.measured),
        batch_(options.size_bytes) {}

  datagram_sink_result run();

private:
  bool has_room();
  void send_burst(const unique_fd& to);

  const datagram_sink_options options_;
  const pattern pattern_;
  datagram_sink_result result_;
  schedule schedule_;
  datagram_batch batch_;
  std::vector<unique_fd> sockets_;
  std::uint64_t dropped_while_measuring_ = 0;
};

datagram_sink_result sink_load::run() {
  for (std::size_t i = 0; i < options_.connections; ++i)
    sockets_.push_back(connect_datagrams(options_.peer.port));
  while (batch_.size() < datagram_batch::count_max) {
    auto bytes = batch_.add();
    std::copy_n(pattern_.at(pattern::start_of(batch_.size())), bytes.size(), bytes.data());
  }
  schedule_.start();
  for (std::size_t next = 0; !schedule_.is_draining(); ++next) {
    const bool sends = has_room();
    if (sends)
      send_burst(sockets_[next % sockets_.size()]);
    schedule_.polled(sends ? 1 : 0);
    if (schedule_.is_stuck()) {
      result_.measured.add_error(0, "the server took nothing for 5 s");
      return result_;
    }
  }
  while (backlog_of(options_.peer.port).waiting_bytes > 0 && !schedule_.is_stuck())
    schedule_.polled(0);
  result_.dropped_datagrams = backlog_of(options_.peer.port).dropped_datagrams;
  result_.measured.messages -= std::min(result_.measured.messages, dropped_while_measuring_);
  result_.measured.bytes = result_.measured.messages * options_.size_bytes;
  return result_;
}

bool sink_load::has_room() {
  const auto found = backlog_of(options_.peer.port);
  if (schedule_.is_measuring())
    dropped_while_measuring_ += found.dropped_datagrams - result_.dropped_datagrams;
  result_.dropped_datagrams = found.dropped_datagrams;
  if (found.waiting_bytes > waiting_bytes_max)
    return false;
  schedule_.progress();
  return true;
}

void sink_load::send_burst(const unique_fd& to) {
  for (std::uint64_t sent = 0; sent < bytes_per_look / (options_.size_bytes + bytes_beside) + 1;) {
    const auto count = options_.sends_runs_as_one ? batch_.send_as_one(to) : batch_.send(to);
    if (count == 0)
      return;
    sent += count;
    result_.sent_datagrams += count;
    if (schedule_.is_measuring())
      result_.measured.messages += count;
  }
}

} // namespace

datagram_sink_result run_datagram_sink(const datagram_sink_options& options) {
  return sink_load{options}.run();
}

} // namespace load
