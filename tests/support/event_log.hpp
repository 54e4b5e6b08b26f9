// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/actornet.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace actornet::test {

/// What a connection told, as words: a handler for tests that look at the whole story afterwards.
struct event_log {
  std::vector<std::string> names;
  std::string bytes;
  std::vector<closed> endings;
  std::vector<failed> failures;
  std::uint64_t write_failed_bytes = 0;

  std::size_t count(const std::string& name) const {
    return static_cast<std::size_t>(std::count(names.begin(), names.end(), name));
  }

  /// Of one handler per connection, or of a shared one. `log` outlives the actor.
  static caf::behavior recorded_by(event_log& log) {
    auto* into = &log;
    auto note = [into](const char* name) { into->names.emplace_back(name); };
    return {
        [=](const data& event) {
          note("data");
          into->bytes += event.bytes.view();
        },
        [=](const text_data& event) {
          note("data");
          into->bytes += net::encode(event.text, event.encoding).value().view();
        },
        [=](const connected&) { note("connected"); },
        [=](const end&) { note("end"); },
        [=](const timeout&) { note("timeout"); },
        [=](const drain&) { note("drain"); },
        [=](const write_failed& event) {
          note("write_failed");
          into->write_failed_bytes += event.bytes;
        },
        [=](const failed& event) {
          note("failed");
          into->failures.push_back(event);
        },
        [=](const closed& event) {
          note("closed");
          into->endings.push_back(event);
        },
    };
  }
};

} // namespace actornet::test
