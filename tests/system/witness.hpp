// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "system/watched.hpp"

#include <actornet/actornet.hpp>

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace actornet::test {

/// What the handler of one connection was told.
struct life {
  /// The events by name, in order; `data` once for a run of them.
  std::vector<std::string> events;
  std::string bytes;
  std::optional<connection> peer;
  std::optional<error> why;
  std::uint64_t bytes_lost = 0;
  std::uint64_t bytes_written = 0;
  bool had_error = false;
  std::thread::id thread;

  bool was_told(const std::string& event) const {
    return std::find(events.begin(), events.end(), event) != events.end();
  }

  void tell(const std::string& event) {
    thread = std::this_thread::get_id();
    if (event != "data" || events.empty() || events.back() != event)
      events.push_back(event);
  }
};

/// A handler for one connection that writes everything down.
class witness {
public:
  handler made() const {
    return [seen = seen_](caf::event_based_actor*, connection) { return behavior(seen); };
  }

  /// Waits for an event; true if it came.
  bool sees(const std::string& event) {
    return seen_->becomes([&](const life& so_far) { return so_far.was_told(event); });
  }
  bool sees_bytes(std::size_t count) {
    return seen_->becomes([&](const life& so_far) { return so_far.bytes.size() >= count; });
  }

  life now() const { return seen_->now(); }
  connection peer() const { return *now().peer; }
  /// Before the system ends.
  void forget_peer() {
    seen_->change([](life& so_far) { so_far.peer.reset(); });
  }

private:
  using record = std::shared_ptr<watched<life>>;

  static caf::behavior behavior(const record& seen) {
    return {
        [=](const connected& event) {
          seen->change([&](life& so_far) {
            so_far.peer = event.peer;
            so_far.tell("connected");
          });
        },
        [=](const data& event) {
          seen->change([&](life& so_far) {
            so_far.bytes += event.bytes.view();
            so_far.tell("data");
          });
        },
        [=](const end&) { seen->change([](life& so_far) { so_far.tell("end"); }); },
        [=](const timeout&) { seen->change([](life& so_far) { so_far.tell("timeout"); }); },
        [=](const drain&) { seen->change([](life& so_far) { so_far.tell("drain"); }); },
        [=](const write_failed& event) {
          seen->change([&](life& so_far) {
            so_far.bytes_lost += event.bytes;
            so_far.tell("write_failed");
          });
        },
        [=](const failed& event) {
          seen->change([&](life& so_far) {
            so_far.why = event.why;
            so_far.tell("failed");
          });
        },
        [=](const closed& event) {
          seen->change([&](life& so_far) {
            so_far.had_error = event.had_error;
            so_far.bytes_written = event.bytes_written;
            so_far.tell("closed");
          });
        },
    };
  }

  record seen_ = std::make_shared<watched<life>>();
};

/// What comes goes back.
inline caf::behavior echo(caf::event_based_actor* self, connection peer) {
  return {[=](const data& event) { self->send(peer, write{event.bytes}); }};
}

} // namespace actornet::test
