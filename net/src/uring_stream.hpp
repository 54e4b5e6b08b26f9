// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_stream.hpp"
#include "uring_source.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace actornet::net {

class uring_backend;

/// A stream of an io_uring backend.
class uring_stream final : public kernel_stream, public uring_source {
public:
  /// Connected.
  uring_stream(uring_backend& home, stream_events& events, descriptor socket);
  /// To be connected.
  uring_stream(uring_backend& home, stream_events& events);

  /// The outcome, immediate failures too, is told in a later turn.
  void begin_connect(const endpoint& remote, const connect_options& chosen);

  void start_receiving() override;
  void stop_receiving() override;
  void send(chunk bytes) override;
  void finish() override;
  void close() override;

  bool is_connected() const noexcept override { return phase_ == phase::connected; }
  void receiving_is_over() override;

  void on_flush() override;
  void on_turn() override;
  void on_completion(const uring_completion& what) override;

private:
  enum class phase : std::uint8_t { connecting, connected, failed };
  struct connecting {
    endpoint remote;
    std::optional<error> refusal; // a failure that is yet to be told
  };

  uring_backend& home() const noexcept;

  void tap_changed() override;
  void start_awaiting(uring_operation what, bool wanted, unsigned events);

  void start_connect_watch();
  void tell_connected();
  void tell_connect_failed(error why);

  void start_or_stop_receive();
  void start_error_watch();
  void receive_some(const uring_completion& what);
  void receive_ended(const uring_completion& what);
  void receive_ended_for_tap(int result);
  void error_watch_told(const uring_completion& what);
  void notice_reset();

  void start_send();
  int send_directly() noexcept;
  void send_ended(int result);
  [[gnu::noinline]] void sent_nothing(int why);
  void wait_for_room();

  // Two bytes, for which there is room behind the bases: of these objects there are many.
  phase phase_ = phase::connected;
  bool receiving_ : 1 = false;
  bool is_bounded_ : 1 = false;   // the receive ends when the window is full
  bool receive_over_ : 1 = false; // the end or a failure was told, behind all bytes
  bool hung_up_ : 1 = false;      // that it broke was told: nothing is left to watch for
  std::unique_ptr<connecting> connecting_;
};

} // namespace actornet::net
