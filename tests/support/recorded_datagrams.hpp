// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/backend_world.hpp"
#include "support/told_words.hpp"

#include <actornet/net/datagram_socket.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actornet::test {

/// A datagram socket that writes down what it is told.
struct recorded_datagrams final : net::datagram_events {
  struct outcome {
    net::send_tag tag;
    std::size_t bytes;
    std::optional<net::error> failure;
  };

  std::vector<net::received_datagram> received;
  std::size_t batches = 0;
  /// Of each send, in the order in which they were told.
  std::vector<outcome> outcomes;
  std::vector<net::error> errors;
  /// One word each: datagrams, sent, send_failed, blocked, room, finished, error.
  std::vector<std::string> told;
  /// What is received is counted, but not kept.
  bool forgets = false;
  std::size_t received_count = 0;
  std::size_t received_bytes = 0;
  /// Called at the end of each event, with its word: it may close the socket.
  std::function<void(std::string_view)> then;
  /// Last, so that it is closed before the rest goes.
  net::datagram_socket_ptr socket;

  std::size_t count(std::string_view word) const { return count_of(word, told); }
  bool was_told(std::string_view word) const { return count(word) > 0; }
  net::endpoint local() const { return socket->local().value(); }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& each : received)
      all.emplace_back(each.bytes.view());
    return all;
  }
  std::size_t failures() const {
    return static_cast<std::size_t>(
        std::count_if(outcomes.begin(), outcomes.end(),
                      [](const auto& each) { return each.failure.has_value(); }));
  }

  void on_datagrams(std::span<net::received_datagram> batch) override {
    ++batches;
    for (auto& each : batch) {
      ++received_count;
      received_bytes += each.bytes.size();
      if (!forgets)
        received.push_back(std::move(each));
    }
    tell("datagrams");
  }
  void on_sent(net::send_tag tag, std::size_t bytes) override {
    outcomes.push_back({tag, bytes, std::nullopt});
    tell("sent");
  }
  void on_send_failed(net::send_tag tag, const net::error& why) override {
    outcomes.push_back({tag, 0, why});
    tell("send_failed");
  }
  void on_send_blocked() override { tell("blocked"); }
  void on_room() override { tell("room"); }
  void on_finished() override { tell("finished"); }
  void on_error(const net::error& why) override {
    errors.push_back(why);
    tell("error");
  }

private:
  void tell(std::string_view word) {
    told.emplace_back(word);
    if (then)
      then(word);
  }
};

/// Opens a socket on `backend` and starts to receive.
inline void open_datagrams(net::io_backend& backend, recorded_datagrams& who,
                           const net::datagram_options& chosen) {
  auto opened = backend.open_datagram(chosen);
  INFO((opened ? std::string() : to_string(opened.error())));
  REQUIRE(opened);
  auto added = backend.add_datagram(std::move(*opened), who);
  REQUIRE(added);
  who.socket = std::move(*added);
  who.socket->start_receiving();
}

/// On the loopback of IPv4, on a port that the system chooses.
inline void open_datagrams(net::io_backend& backend, recorded_datagrams& who) {
  open_datagrams(backend, who, {.bind_to = net::endpoint::loopback_ipv4(0)});
}

} // namespace actornet::test
