// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/handler.hpp>
#include <actornet/options.hpp>

#include <actornet/net/stream_socket.hpp>

#include <caf/fwd.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace actornet {

/// What is decided about connections before they are made; shared by all of one listener.
struct connection_settings {
  template <class Options>
  connection_settings(const Options& chosen, handler who)
      : allow_half_open(chosen.allow_half_open), pause_on_connect(chosen.pause_on_connect),
        encoding(chosen.encoding), idle_timeout(chosen.idle_timeout),
        lifetime_max(chosen.lifetime_max), high_water_mark_bytes(chosen.high_water_mark_bytes),
        low_water_mark_bytes(chosen.low_water_mark_bytes),
        write_queue_bytes_max(chosen.write_queue_bytes_max),
        receive_window_bytes(chosen.receive_window_bytes), handlers(chosen.handlers),
        made(std::make_shared<const handler>(std::move(who))) {
    if (chosen.no_delay)
      socket.no_delay = true;
    socket.keep_alive = chosen.keep_alive;
    socket.type_of_service = chosen.type_of_service;
    socket.send_buffer_bytes = chosen.send_buffer_bytes;
    socket.receive_buffer_bytes = chosen.receive_buffer_bytes;
    socket.user_timeout = chosen.user_timeout;
    socket.raw = chosen.raw_options;
  }

  bool allow_half_open;
  bool pause_on_connect;
  std::optional<text_encoding> encoding;
  std::chrono::milliseconds idle_timeout;
  std::chrono::milliseconds lifetime_max;
  std::size_t high_water_mark_bytes;
  std::size_t low_water_mark_bytes;
  std::size_t write_queue_bytes_max;
  std::size_t receive_window_bytes;
  placement handlers;
  net::socket_options socket;
  /// For one that connects; a listener has its own.
  std::stop_token abort;
  std::shared_ptr<const handler> made;
  /// Told on a connection's loop when it is over; may be empty.
  std::function<void(caf::actor_id)> on_gone;
  /// The connections of a listener, each until its socket is closed: so whoever heard `closed`
  /// finds it counted no more, on whatever loop the listener lives.
  mutable std::atomic<std::size_t> open{0};
};

} // namespace actornet
