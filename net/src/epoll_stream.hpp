// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "epoll_source.hpp"
#include "send_queue.hpp"

#include <actornet/net/descriptor.hpp>
#include <actornet/net/stream_socket.hpp>

namespace actornet::net {

class epoll_backend;

/// A stream of an epoll backend.
class epoll_stream final : public stream_socket, public epoll_source {
public:
  epoll_stream(epoll_backend& home, stream_events& events) : home_(home), events_(&events) {}

  expected<void> begin_connected(descriptor socket);
  /// The outcome, immediate failures too, is told in a later turn.
  void begin_connect(const endpoint& remote, const stream_options& chosen);

  void set_events(stream_events& events) override { events_ = &events; }
  void set_receive_window(receive_window_ptr window) override { window_ = std::move(window); }
  void start_receiving() override;
  void stop_receiving() override { receiving_ = false; }
  void send(chunk bytes) override;
  void finish() override;
  std::size_t unsent_bytes() const noexcept override { return unsent_.size(); }
  expected<void> set_no_delay(bool enabled) override;
  expected<void> set_keep_alive(const keep_alive_options& chosen) override;
  void close() override;
  void reset() override;

  void on_events(std::uint32_t events) override;
  void on_turn() override;
  void on_flush() override;

private:
  enum class phase { connecting, connected, failed };
  enum class sending { ready, blocked, finished, broken };
  enum class outcome { more, drained, stopped };

  void tell_connected();
  void tell_connect_failed(error why);

  void receive_some();
  outcome receive_once();
  void notice_reset();

  void send_some();
  std::ptrdiff_t send_to_kernel() noexcept;
  void wait_for_room();
  void hand_over_fin();
  void sending_broke(error why);

  epoll_backend& home_;
  stream_events* events_;
  descriptor socket_;
  receive_window_ptr window_;
  send_queue unsent_;
  endpoint remote_;                // while connecting
  std::unique_ptr<error> refusal_; // a failure to connect that is yet to be told
  phase phase_ = phase::connected;
  sending sending_ = sending::ready;
  int broken_by_ = 0; // errno that a send took from the kernel
  bool receiving_ = false;
  bool receive_over_ = false; // the end or a failure was told
  bool readable_ = false;     // an edge was told and recv(2) has not drained it
  bool hung_up_ = false;      // FIN or RST is there: a short read is not the last
  bool finishing_ = false;
  bool watches_room_ = false; // EPOLLOUT is registered
};

} // namespace actornet::net
