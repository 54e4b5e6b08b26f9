// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/bound_path.hpp>
#include <actornet/net/descriptor.hpp>
#include <actornet/net/endpoint.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace actornet::net {

struct listen_options {
  /// Completed connections that wait to be accepted (listen(2)); the kernel caps it by somaxconn.
  int backlog = 511;
  /// `[::]` without IPv4.
  bool ipv6_only = false;
  /// Several sockets, also of several processes, on one port; the kernel balances.
  bool reuse_port = false;
  /// SO_RCVBUF of what is accepted: it has to be there before the handshake.
  std::optional<std::size_t> receive_buffer_bytes = std::nullopt;
  /// Permission bits of the file of a unix path, set before anybody can connect; none: as the umask
  /// has it. EINVAL for every other address, and for more than 0777.
  std::optional<unsigned> unix_mode = std::nullopt;
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
  /// Only of a socket that accepts singly, before each attempt to accept: whether one more may be.
  /// False: accepting has stopped, and clients wait, until `start_accepting`. True is followed by
  /// `on_accepted` or `on_none_accepted` before anything else. Must not call the socket.
  virtual bool may_accept() { return true; }
  /// The attempt that `may_accept` allowed gave no connection: nobody waited, or it failed.
  virtual void on_none_accepted() {}

  /// Once per connection, in the order in which the kernel completed them.
  virtual void on_accepted(accepted_stream stream) = 0;
  /// There was no descriptor for a client (`why`: EMFILE or ENFILE). It was accepted by means of a
  /// descriptor held in reserve, and closed at once; accepting goes on. Once per client, and none
  /// waits in the backlog. `remote` has family `none` if the client was gone too soon to be asked.
  virtual void on_shed(const error& why, const endpoint& local, const endpoint& remote) = 0;
  /// accept(2) failed for lack of something (ENOBUFS, ENOMEM; EMFILE or ENFILE, if the reserve was
  /// lost to another thread or could never be had) or for good. Accepting has stopped, and clients
  /// wait; `start_accepting` tries again. Connections that their peers gave up while they waited
  /// (ECONNABORTED and the network errors that accept(2) lists) are skipped without a word.
  virtual void on_accept_failed(const error& why) = 0;

protected:
  ~listen_events() = default;
};

/// A listening socket on its loop. Nothing is accepted before `start_accepting`.
class listen_socket {
public:
  virtual void start_accepting() = 0;
  /// What was accepted by then may still be told (from the poll that is going on, or the next),
  /// unless the socket accepts singly.
  virtual void stop_accepting() = 0;
  /// True: clients are accepted one by one, each told before the next is accepted, and only as far
  /// as `listen_events::may_accept` says. So never more than one descriptor is open that was not
  /// told. False, as from the start: in whatever way is fastest. What was accepted in that way
  /// before this call is closed if it may not be.
  virtual void accept_singly(bool singly) = 0;
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
