// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/told_words.hpp"

#include <actornet/net/stream_socket.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actornet::test {

/// A stream that writes down what it is told.
struct recorded_stream final : net::stream_events {
  /// One word each: connected, connect_failed, received, end, receive_failed, sent, blocked,
  /// finished, send_failed.
  std::vector<std::string> told;
  net::endpoint local;
  std::string received;
  std::size_t sent = 0;
  std::optional<net::error> connect_failure, receive_failure, send_failure;
  /// What was received is also kept as it came, if that is wanted.
  bool keeps_chunks = false;
  std::vector<net::chunk> chunks;
  /// Called at the end of each event, with its word: it may close the socket.
  std::function<void(std::string_view)> then;
  /// Last, so that it is closed before the rest goes.
  net::stream_socket_ptr socket;

  std::size_t count(std::string_view word) const { return count_of(word, told); }
  bool was_told(std::string_view word) const { return count(word) > 0; }

  void on_connected(const net::endpoint& where) override {
    local = where;
    tell("connected");
  }
  void on_connect_failed(const net::error& why) override {
    connect_failure = why;
    tell("connect_failed");
  }
  void on_received(net::chunk bytes) override {
    received += bytes.view();
    if (keeps_chunks)
      chunks.push_back(std::move(bytes));
    tell("received");
  }
  void on_end() override { tell("end"); }
  void on_receive_failed(const net::error& why) override {
    receive_failure = why;
    tell("receive_failed");
  }
  void on_sent(std::size_t bytes) override {
    sent += bytes;
    tell("sent");
  }
  void on_send_blocked() override { tell("blocked"); }
  void on_finished() override { tell("finished"); }
  void on_send_failed(const net::error& why) override {
    send_failure = why;
    tell("send_failed");
  }

private:
  void tell(std::string_view word) {
    told.emplace_back(word);
    if (then)
      then(word);
  }
};

} // namespace actornet::test
