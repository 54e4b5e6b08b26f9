// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "longest_wait.hpp"

#include <actornet/net/instant.hpp>

#include <chrono>
#include <optional>

namespace actornet {

/// How long a peer may keep us waiting, and for what. Is told what happens, and asked what is over.
class connection_deadlines {
public:
  /// Of each, 0: for ever.
  struct limits {
    std::chrono::milliseconds first_byte{0};
    std::chrono::milliseconds idle{0};
    std::chrono::milliseconds write_stall{0};

    bool any() const noexcept {
      return first_byte.count() > 0 || idle.count() > 0 || write_stall.count() > 0;
    }
  };

  connection_deadlines(const limits& most, net::instant opened) noexcept
      : most_(most), opened_(opened), active_(opened) {}

  void was_active(net::instant now) noexcept { active_ = now; }
  void has_first_byte() noexcept { first_byte_ = true; }
  /// What was written waits, and did not get on; from now on, unless it did so before.
  void write_waits(net::instant now) noexcept {
    if (!waits_since_)
      waits_since_ = now;
  }
  void write_got_on(net::instant now, bool waits) noexcept {
    waits_since_.reset();
    if (waits)
      waits_since_ = now;
  }

  /// The first that will be over if nothing happens.
  std::optional<net::instant> due() const noexcept {
    std::optional<net::instant> first;
    for (const auto& each : {first_byte_due(), idle_due(), write_due()})
      if (each && (!first || *each < *first))
        first = each;
    return first;
  }

  /// A sentence, or null if nothing is over.
  const char* over(net::instant now) const noexcept {
    if (is_over(first_byte_due(), now))
      return "the peer sent no first byte in time";
    if (is_over(write_due(), now))
      return "the peer did not take what was written";
    if (is_over(idle_due(), now))
      return "nothing came or went for too long";
    return nullptr;
  }

private:
  using due_time = std::optional<net::instant>;

  static bool is_over(const due_time& when, net::instant now) noexcept {
    return when && *when <= now;
  }
  static due_time after(net::instant from, std::chrono::milliseconds most) noexcept {
    if (most.count() <= 0)
      return std::nullopt;
    return from + at_longest(most);
  }
  due_time first_byte_due() const noexcept {
    return first_byte_ ? std::nullopt : after(opened_, most_.first_byte);
  }
  due_time idle_due() const noexcept { return after(active_, most_.idle); }
  due_time write_due() const noexcept {
    return waits_since_ ? after(*waits_since_, most_.write_stall) : std::nullopt;
  }

  const limits most_;
  const net::instant opened_;
  net::instant active_;
  due_time waits_since_;
  bool first_byte_ = false;
};

} // namespace actornet
