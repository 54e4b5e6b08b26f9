// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/catch.hpp"
#include "support/told_words.hpp"

#include <actornet/net/io_backend.hpp>
#include <actornet/net/pump.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actornet::test {

/// A pump that writes down what it is told.
struct recorded_pump final : net::pump_events {
  /// One word each: moved, source_end, source_failed, sink_failed, refused, stopped.
  std::vector<std::string> told;
  std::size_t moved = 0;
  std::optional<net::error> failure;
  std::string taken_back;
  /// Called at the end of each event, with its word: it may close the pump.
  std::function<void(std::string_view)> then;
  /// Last, so that it is closed before the rest goes.
  net::pump_ptr pump;

  template <class From, class To> void start(net::io_backend& loop, From&& from, To&& to) {
    auto started = loop.start_pump(std::forward<From>(from), std::forward<To>(to), *this);
    INFO((started ? std::string() : to_string(started.error())));
    REQUIRE(started);
    pump = std::move(*started);
  }

  std::size_t count(std::string_view word) const { return count_of(word, told); }
  bool was_told(std::string_view word) const { return count(word) > 0; }

  void on_moved(std::size_t bytes) override {
    moved += bytes;
    tell("moved");
  }
  void on_blocked() override { tell("blocked"); }
  void on_source_end() override { tell("source_end"); }
  void on_source_failed(const net::error& why) override {
    failure = why;
    tell("source_failed");
  }
  void on_sink_failed(const net::error& why) override {
    failure = why;
    tell("sink_failed");
  }
  void on_refused(const net::error& why) override {
    failure = why;
    tell("refused");
  }
  void on_stopped(std::vector<net::chunk> bytes) override {
    for (const auto& each : bytes)
      taken_back += each.view();
    tell("stopped");
  }

private:
  void tell(std::string_view word) {
    told.emplace_back(word);
    if (then)
      then(word);
  }
};

} // namespace actornet::test
