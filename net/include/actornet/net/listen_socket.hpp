// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/bound_path.hpp>
#include <actornet/net/descriptor.hpp>
#include <actornet/net/endpoint.hpp>

#include <memory>

namespace actornet::net {

struct listen_options {
  /// Completed connections that wait to be accepted (listen(2)); the kernel caps it by somaxconn.
  int backlog = 511;
  /// `[::]` without IPv4.
  bool ipv6_only = false;
  /// Several sockets, also of several processes, on one port; the kernel balances.
  bool reuse_port = false;
};

/// A socket that is bound and listens, not yet served by any loop. May move between threads.
struct opened_listener {
  descriptor socket;
  endpoint local;
  /// The file of a unix socket that we made; removed together with the listener.
  bound_path file;
};

/// A connection that was accepted, not yet served by any loop. May move between threads.
struct accepted_stream {
  descriptor socket;
  endpoint local;
  endpoint remote;
};

/// Who is told what happens on a listening socket. Called on the loop's thread, only from `poll`
/// and `flush`.
class listen_events {
public:
  /// Once per connection, in the order in which the kernel completed them.
  virtual void on_accepted(accepted_stream stream) = 0;
  /// accept(2) failed for lack of something (EMFILE, ENFILE, ENOBUFS, ENOMEM) or for good.
  /// Accepting has stopped; `start_accepting` tries again. Connections that their peers gave up
  /// while they waited (ECONNABORTED and the network errors that accept(2) lists) are skipped
  /// without a word.
  virtual void on_accept_failed(const error& why) = 0;

protected:
  ~listen_events() = default;
};

/// A listening socket on its loop. Nothing is accepted before `start_accepting`.
class listen_socket {
public:
  virtual void start_accepting() = 0;
  /// What was accepted by then may still be told (from the poll that is going on, or the next).
  virtual void stop_accepting() = 0;
  /// Stops listening at once: connections that wait in the backlog are reset by the kernel. Nothing
  /// is told any more, not even within the call that is going on. The object is gone after it. A
  /// unix path that this socket created is removed, if it is still the same file.
  virtual void close() = 0;

  struct closer {
    void operator()(listen_socket* socket) const { socket->close(); }
  };

protected:
  ~listen_socket() = default;
};

using listen_socket_ptr = std::unique_ptr<listen_socket, listen_socket::closer>;

} // namespace actornet::net
