// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/datagram_socket.hpp>
#include <actornet/net/file.hpp>
#include <actornet/net/instant.hpp>
#include <actornet/net/listen_socket.hpp>
#include <actornet/net/name_lookup.hpp>
#include <actornet/net/pump.hpp>
#include <actornet/net/stream_socket.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace actornet::net {

/// The one door to the operating system, one per I/O loop; with a twin in memory.
///
/// Completion based: operations are started, and what comes of them is told from within `poll` and
/// `flush`, and nowhere else. "Start receiving" and "start accepting" go on until they are stopped,
/// and the backend chooses the buffers at the moment when there are bytes: both as io_uring has it
/// with multishot operations and provided buffers.
///
/// Used by the loop's thread, except where a function says otherwise. Whoever is told something may
/// call anything on the backend and its sockets, closing the socket in question included, but not
/// `poll` or `flush`.
class io_backend {
public:
  virtual ~io_backend() = default;

  /// "uring", "epoll", "simulated", ...
  virtual std::string_view name() const noexcept = 0;

  /// The time as of the last `poll`.
  virtual instant now() const noexcept = 0;

  /// Starts what was asked for since the last turn, and tells at once what is done at once. `poll`
  /// does so by itself; a loop calls `flush` first so that it knows, before it waits, whether the
  /// answers gave it more to do.
  virtual void flush() = 0;

  /// One turn: starts what was asked for, waits until something happens, somebody calls `wake`, or
  /// `until` has come (none: no limit; not after `now()`: no wait), and tells what happened. Does
  /// not wait when its own `flush` told something. Work per turn is bounded, and per socket too, so
  /// that no socket starves the others.
  virtual void poll(std::optional<instant> until) = 0;

  /// How long a `poll` that has nothing to do is to keep looking before it sleeps, which is what
  /// makes a short exchange with a peer that answers at once twice as fast, for a whole processor.
  /// It is given up for a while where nothing comes so soon. 0, as it begins: never; an hour at
  /// most. `wake` and `until` end it like a sleep. Not while another thread polls. A backend
  /// without a kernel has no use for it.
  virtual void set_busy_poll(duration longest) = 0;

  /// Any thread: ends the wait of the `poll` that is going on, or of the next. Cheap to repeat.
  virtual void wake() noexcept = 0;

  /// Any thread. Binds and listens; never blocks. For a port 0 `local` tells the one chosen.
  virtual expected<opened_listener> open_listener(const endpoint& where,
                                                  const listen_options& chosen) = 0;
  /// Any thread. Takes over a descriptor that is bound or listens already: ENOTSOCK or EINVAL for
  /// another kind, and then it is left as it was.
  virtual expected<opened_listener> adopt_listener(int number, const listen_options& chosen) = 0;
  /// Any thread. Takes over a connected stream: ENOTSOCK or EINVAL for another kind, and then it is
  /// left as it was.
  virtual expected<accepted_stream> adopt_stream(int number) = 0;

  /// Any thread. A datagram socket, with everything set that `chosen` asks for, and bound if it
  /// says where; never blocks. Errors name the call (`socket`, `setsockopt`, `bind`) and the
  /// address.
  virtual expected<opened_datagram> open_datagram(const datagram_options& chosen) = 0;
  /// Any thread. Takes over a datagram socket of IPv4 or IPv6, bound or not, connected or not; of
  /// `chosen`, what concerns making and binding it is left aside. ENOTSOCK or EINVAL for another
  /// kind, and then it is left as it was.
  virtual expected<opened_datagram> adopt_datagram(int number, const datagram_options& chosen) = 0;

  /// `events` must outlive the socket.
  virtual expected<listen_socket_ptr> add_listener(opened_listener opened,
                                                   listen_events& events) = 0;
  /// A connected stream that this loop is to serve. `events` must outlive the socket.
  virtual expected<stream_socket_ptr> add_stream(descriptor socket, const socket_options& chosen,
                                                 stream_events& events) = 0;
  /// Starts to connect; the outcome, every failure included, is told from `poll`.
  virtual stream_socket_ptr connect(const endpoint& remote, const connect_options& chosen,
                                    stream_events& events) = 0;
  /// A datagram socket that this loop is to serve; it receives nothing before `start_receiving`.
  /// `events` must outlive the socket.
  virtual expected<datagram_socket_ptr> add_datagram(opened_datagram opened,
                                                     datagram_events& events) = 0;
  /// Asks for the addresses of a name without blocking. `events` must outlive the lookup.
  virtual name_lookup_ptr look_up(name_query query, name_lookup_events& events) = 0;

  /// Starts to open a file; the outcome, every failure included, is told from `poll`. `events` must
  /// outlive the file. Never waits: file threads, which all loops of the process share, do. There
  /// are a few, and up to 64 when some hang; if all of these do, other files wait.
  virtual file_ptr open_file(std::string path, const file_options& chosen, file_events& events) = 0;

  // Pumps: see `pump`. `events` must outlive the pump. They fail, having done nothing, where bytes
  // cannot be moved so, and the caller moves them by chunks: EINVAL for a file that is appended to,
  // EOPNOTSUPP for a backend without pumps, EXDEV for a stream of another loop, EBUSY for one that
  // has a pump in that direction, or bytes that it has yet to send, or for a file that has been
  // read ahead; EMFILE, ...

  /// From a connected stream of this loop into a file of any loop. What is written to the file by
  /// others meanwhile goes in between.
  virtual expected<pump_ptr> start_pump(stream_socket& from, opened_file_ptr to,
                                        pump_events& events) = 0;
  /// Between two connected streams of this loop.
  virtual expected<pump_ptr> start_pump(stream_socket& from, stream_socket& to,
                                        pump_events& events) = 0;
  /// From a file of any loop, from where it was read last, to its end or the `length` that was
  /// asked for, to a connected stream of this loop.
  virtual expected<pump_ptr> start_pump(opened_file_ptr from, stream_socket& to,
                                        pump_events& events) = 0;
};

} // namespace actornet::net
