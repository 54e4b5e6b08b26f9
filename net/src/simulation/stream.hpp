// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "backend.hpp"

#include <actornet/net/stream_socket.hpp>

#include <deque>
#include <optional>
#include <string_view>

namespace actornet::net::simulation {

/// A stream of a simulated backend.
class stream final : public stream_socket, public source, public watcher {
public:
  stream(backend& home, stream_events& events) : home_(home), events_(&events) {}

  void begin_connected(descriptor socket, stream_end_ptr end, const socket_options& chosen);
  /// The outcome, immediate failures too, is told in a later turn.
  void begin_connect(const endpoint& remote, const connect_options& chosen);

  void set_events(stream_events& events) override { events_ = &events; }
  void set_receive_window(receive_window_ptr window) override { window_ = std::move(window); }
  void start_receiving() override;
  void stop_receiving() override { receiving_ = false; }
  void send(chunk bytes) override;
  void finish() override;
  std::size_t unsent_bytes() const noexcept override { return unsent_bytes_; }
  std::size_t unacknowledged_bytes() const noexcept override;
  expected<void> set_options(const socket_options& chosen) override;
  expected<std::vector<std::byte>> get_option(int level, int name,
                                              std::size_t bytes_max) const override;
  void close() override;
  void reset() override;

  // For pumps, which take the place of receiving, or of sending; null: nobody does any more.

  bool is_of(const backend& loop) const noexcept { return &home_ == &loop; }
  bool is_connected() const noexcept { return phase_ == phase::connected; }
  bool may_tap_receiving() const noexcept { return receive_tap_ == nullptr; }
  bool may_tap_sending() const noexcept {
    return send_tap_ == nullptr && unsent_.empty() && !finishing_ && sending_ == sending::ready;
  }
  stream_end& end() noexcept { return *end_; }
  void tap_receiving(source* who);
  void tap_sending(source* who) { send_tap_ = who; }
  /// The end, or what broke it, was told to the owner of the tap.
  void receiving_is_over() noexcept;
  /// errno of it.
  int break_sending() noexcept;

  void on_turn() override;
  void on_flush() override;
  void on_change() override { home_.call_next_turn(*this); }

private:
  enum class phase { connecting, connected, failed };
  enum class sending { ready, blocked, finished, broken };

  void use(descriptor socket, stream_end_ptr end, const socket_options& chosen);
  expected<void> open(const endpoint& remote, const connect_options& chosen);
  void tell_outcome();
  void tell_connect_failed(const error& why);

  void receive_some();
  void receive_bytes();
  void tell_end();
  void tell_broken();

  void send_some();
  std::size_t push_to_kernel(std::size_t most);
  void drop_unsent() noexcept;
  void wait_for_room();
  void hand_over_fin();
  void sending_broke(std::string_view syscall);

  void note(std::string_view what);

  backend& home_;
  stream_events* events_;
  descriptor socket_;
  stream_end_ptr end_;
  receive_window_ptr window_;
  std::deque<chunk> unsent_; // held until the kernel has them, as a back-pressured sender expects
  std::size_t unsent_bytes_ = 0;
  endpoint remote_;              // while connecting
  std::optional<error> refusal_; // found before the network was asked, yet to be told
  phase phase_ = phase::connected;
  sending sending_ = sending::ready;
  bool receiving_ = false;
  bool end_told_ = false;
  bool break_told_ = false;
  bool finishing_ = false;
  source* receive_tap_ = nullptr;
  source* send_tap_ = nullptr;
};

} // namespace actornet::net::simulation
