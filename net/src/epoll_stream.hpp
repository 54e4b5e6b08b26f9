// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "epoll_source.hpp"
#include "kernel_stream.hpp"

#include <cstdint>
#include <memory>

namespace actornet::net {

class epoll_backend;

/// A stream of an epoll backend.
class epoll_stream final : public kernel_stream, public epoll_source {
public:
  epoll_stream(epoll_backend& home, stream_events& events);

  expected<void> begin_connected(descriptor socket);
  /// The outcome, immediate failures too, is told in a later turn.
  void begin_connect(const endpoint& remote, const connect_options& chosen);

  void start_receiving() override;
  void stop_receiving() override { receiving_ = false; }
  void send(chunk bytes) override;
  void finish() override;
  void close() override;

  bool is_connected() const noexcept override { return phase_ == phase::connected; }
  void receiving_is_over() override;

  void on_events(std::uint32_t events) override;
  void on_turn() override;
  void on_flush() override;

private:
  enum class phase : std::uint8_t { connecting, connected, failed };
  enum class outcome { more, drained, stopped };

  epoll_backend& home() const noexcept;

  void tap_changed() override;
  void watch_for_taps();

  void tell_connected();
  void tell_connect_failed(error why);

  void receive_some();
  outcome receive_once();
  [[gnu::noinline]] outcome received_nothing(int why);
  void notice_reset();

  void send_some();
  outcome send_once();
  [[gnu::noinline]] outcome sent_nothing(int why);
  void wait_for_room();

  std::unique_ptr<endpoint> remote_; // while connecting
  std::unique_ptr<error> refusal_;   // a failure to connect that is yet to be told
  phase phase_ = phase::connected;
  bool receiving_ = false;
  bool receive_over_ = false; // the end or a failure was told, behind all bytes
  bool break_told_ = false;   // a failure was told, perhaps before bytes that nobody has received
  bool readable_ = false;     // an edge was told and recv(2) has not drained it
  // Behind a short read there may be more, of which no edge will tell.
  bool reads_to_the_end_ = false;
  bool watches_room_ = false; // EPOLLOUT is registered
  bool watches_bytes_ = true; // and EPOLLIN; only a tap may want to be left alone
};

} // namespace actornet::net
