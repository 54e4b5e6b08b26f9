// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_echo.hpp"

#include "datagram_batch.hpp"
#include "datagram_socket.hpp"
#include "pattern.hpp"
#include "poller.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace load {

namespace {

constexpr std::uint64_t patience_ns = 100'000'000;

// In front of each datagram: which one it is.
struct label {
  std::uint64_t slot;
  std::uint64_t number;
};

struct slot {
  std::uint64_t number = 0; // of what is on its way; each has another
  std::uint64_t sent_at_ns = 0;
};

struct endpoint {
  unique_fd fd;
  std::size_t position = 0; // in the pattern
  std::vector<slot> slots;
  std::vector<std::size_t> due; // slots that are to be sent
};

class echo_load {
public:
  explicit echo_load(const datagram_echo_options& options)
      : options_(options), schedule_(options.time, options.peer, result_.measured),
        batch_(options.size_bytes), endpoints_(options.connections) {}

  datagram_echo_result run();

private:
  void open_endpoints();
  void send_due(endpoint& from);
  void receive_some(endpoint& to);
  void check(endpoint& to, std::span<const char> bytes);
  void give_up_what_is_late(endpoint& from);
  void fail(const endpoint& about, const std::string& why);
  const char* expected(const endpoint& of, std::uint64_t number) const;

  const datagram_echo_options options_;
  const pattern pattern_;
  datagram_echo_result result_;
  schedule schedule_;
  poller<endpoint> poller_;
  datagram_batch batch_;
  std::vector<endpoint> endpoints_;
  std::uint64_t looked_at_ns_ = 0;
  bool failed_ = false;
};

datagram_echo_result echo_load::run() {
  open_endpoints();
  schedule_.start();
  while (!failed_ && !schedule_.is_draining()) {
    for (auto& each : endpoints_)
      send_due(each);
    schedule_.polled(poller_.poll([this](endpoint& each, auto) { receive_some(each); }));
    if (schedule_.now() - looked_at_ns_ > patience_ns) {
      looked_at_ns_ = schedule_.now();
      for (auto& each : endpoints_)
        give_up_what_is_late(each);
    }
    if (schedule_.is_stuck())
      fail(endpoints_.front(), "nothing came back for 5 s");
  }
  return result_;
}

void echo_load::open_endpoints() {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    auto& each = endpoints_[i];
    each.fd = connect_datagrams(options_.peer.port);
    each.position = pattern::start_of(i);
    each.slots.resize(options_.in_flight);
    for (std::size_t j = 0; j < options_.in_flight; ++j)
      each.due.push_back(j);
    poller_.watch(each.fd, each);
  }
}

const char* echo_load::expected(const endpoint& of, std::uint64_t number) const {
  return pattern_.at(pattern::advanced(of.position, static_cast<std::size_t>(number % 65521)));
}

void echo_load::send_due(endpoint& from) {
  while (!from.due.empty()) {
    batch_.clear();
    const auto first = from.due.size() - std::min(from.due.size(), datagram_batch::count_max);
    for (auto i = first; i < from.due.size(); ++i) {
      auto& each = from.slots[from.due[i]];
      each.sent_at_ns = schedule_.now();
      const label head{from.due[i], ++each.number};
      auto bytes = batch_.add();
      std::memcpy(bytes.data(), &head, sizeof head);
      std::memcpy(bytes.data() + sizeof head, expected(from, each.number),
                  bytes.size() - sizeof head);
    }
    // What the kernel did not take will not come back, and counts as lost.
    result_.sent_datagrams += batch_.size();
    batch_.send(from.fd);
    from.due.resize(first);
  }
}

void echo_load::receive_some(endpoint& to) {
  const auto count = batch_.receive(to.fd);
  if (count > 0)
    schedule_.progress();
  for (std::size_t i = 0; i < count; ++i)
    check(to, batch_.received(i));
}

void echo_load::check(endpoint& to, std::span<const char> bytes) {
  label head{};
  if (bytes.size() != options_.size_bytes)
    return fail(to, "a datagram came back with another size");
  std::memcpy(&head, bytes.data(), sizeof head);
  if (head.slot >= to.slots.size() || head.number > to.slots[head.slot].number)
    return fail(to, "a datagram came back that was not sent");
  auto& each = to.slots[head.slot];
  if (head.number < each.number)
    return; // it was given up
  if (std::memcmp(bytes.data() + sizeof head, expected(to, head.number),
                  bytes.size() - sizeof head) != 0)
    return fail(to, "a byte came back changed");
  if (each.sent_at_ns == 0)
    return fail(to, "a datagram came back twice");
  if (schedule_.is_measuring()) {
    ++result_.measured.messages;
    result_.measured.bytes += bytes.size();
    result_.measured.latency.record(schedule_.now() - each.sent_at_ns);
  }
  each.sent_at_ns = 0;
  to.due.push_back(head.slot);
}

void echo_load::give_up_what_is_late(endpoint& from) {
  for (std::size_t i = 0; i < from.slots.size(); ++i) {
    auto& each = from.slots[i];
    if (each.sent_at_ns == 0 || schedule_.now() - each.sent_at_ns < patience_ns)
      continue;
    each.sent_at_ns = 0;
    ++result_.lost_datagrams;
    from.due.push_back(i);
  }
}

void echo_load::fail(const endpoint& about, const std::string& why) {
  result_.measured.add_error(static_cast<std::size_t>(&about - endpoints_.data()), why);
  failed_ = true;
}

} // namespace

datagram_echo_result run_datagram_echo(const datagram_echo_options& options) {
  return echo_load{options}.run();
}

} // namespace load
