// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/socket_options.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace actornet::net {

/// How to connect.
struct connect_options {
  /// Set before anything is sent.
  socket_options socket;
  /// Local address and port to connect from (bind(2)); family `none`: the system chooses.
  endpoint from;
};

/// Who is told what happens on a stream. Called on the loop's thread, only from `io_backend::poll`
/// and `flush`, never from within a call on the socket.
class stream_events {
public:
  /// Only after `io_backend::connect`, once: the handshake is done. `local` is our end.
  virtual void on_connected(const endpoint& local) = 0;
  /// Only after `io_backend::connect`, instead of `on_connected`: nothing else follows.
  virtual void on_connect_failed(const error& why) = 0;

  /// Bytes, never none; only while receiving, except for what was on its way when it was stopped.
  virtual void on_received(chunk bytes) = 0;
  /// The peer has finished, every byte before was told. Nothing is received any more.
  virtual void on_end() = 0;
  /// The connection broke: reset, or timed out. When receiving, every byte that arrived before was
  /// told, and nothing is received any more. Also told, at once, after `on_end`, and when not
  /// receiving: who then starts to receive is told the bytes that had arrived before, and behind
  /// them once more that it broke (or of the end, if that had arrived, too).
  virtual void on_receive_failed(const error& why) = 0;

  /// The kernel took `bytes` more of what was given to `send`; never 0.
  virtual void on_sent(std::size_t bytes) = 0;
  /// The kernel takes no more for now: `unsent_bytes()` wait. Told once per attempt to send that
  /// did not take everything; more `on_sent` will follow by themselves. An attempt that is broken
  /// off for the sake of other sockets goes on in the next turn, and only its end counts.
  virtual void on_send_blocked() = 0;
  /// Everything given to `send` before `finish` is in the kernel, and FIN behind it.
  virtual void on_finished() = 0;
  /// The unsent bytes will never leave. Bytes that arrived may still be received.
  virtual void on_send_failed(const error& why) = 0;

protected:
  ~stream_events() = default;
};

/// A connected (or connecting) byte stream on its loop: TCP or unix. Loop's thread only.
///
/// Sends are collected and leave with the next `poll`, all of a turn in one system call; so a
/// caller may send many small chunks without cost. Chunks are held until the kernel has them.
class stream_socket {
public:
  /// From now on `events` is told instead; it must outlive the socket. For whoever takes over a
  /// connection that somebody else made.
  virtual void set_events(stream_events& events) = 0;

  /// Blocks that are received from now on are charged to `window`.
  virtual void set_receive_window(receive_window_ptr window) = 0;
  /// Receive until `stop_receiving`. Not before the stream is connected.
  virtual void start_receiving() = 0;
  virtual void stop_receiving() = 0;

  /// Appends to what is to be sent. Not before the stream is connected, not after `finish`.
  virtual void send(chunk bytes) = 0;
  /// FIN once everything is sent. At most once.
  virtual void finish() = 0;
  virtual std::size_t unsent_bytes() const noexcept = 0;

  /// Of what was given to the kernel, the bytes that the peer's has not acknowledged. 0 for unix
  /// sockets, where what is sent is received.
  virtual std::size_t unacknowledged_bytes() const noexcept = 0;

  /// Stops at the first that the kernel refuses.
  virtual expected<void> set_options(const socket_options& chosen) = 0;
  /// getsockopt(2), of `bytes_max` bytes at most.
  virtual expected<std::vector<std::byte>> get_option(int level, int name,
                                                      std::size_t bytes_max) const = 0;

  /// Gives the descriptor back at once; what is unsent is dropped, what the kernel has is still
  /// delivered. (If received bytes were left unread, the kernel sends RST instead of FIN.) Nothing
  /// is told any more, not even within the call that is going on. The object is gone after it.
  virtual void close() = 0;
  /// As `close`, but the peer gets RST (SO_LINGER with 0 seconds) and nothing more is delivered.
  virtual void reset() = 0;

  struct closer {
    void operator()(stream_socket* socket) const { socket->close(); }
  };

protected:
  ~stream_socket() = default;
};

using stream_socket_ptr = std::unique_ptr<stream_socket, stream_socket::closer>;

} // namespace actornet::net
