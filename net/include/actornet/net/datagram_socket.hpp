// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/chunk.hpp>
#include <actornet/net/datagram_options.hpp>
#include <actornet/net/endpoint.hpp>
#include <actornet/net/instant.hpp>
#include <actornet/net/received_datagram.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace actornet::net {

/// What a program means by a send: given back with its outcome.
using send_tag = std::uint64_t;

/// A multicast group, as somebody wants to hear of it.
struct group_membership {
  /// The port does not matter.
  endpoint group;
  interface_choice interface = {};
  /// Only what this address sends (RFC 4607); none: whoever sends.
  endpoint source = {};

  friend bool operator==(const group_membership&, const group_membership&) = default;
};

/// Who is told what happens on a datagram socket. Called on the loop's thread, only from
/// `io_backend::poll` and `flush`, never from within a call on the socket.
class datagram_events {
public:
  /// One or more, in the order in which the kernel had them; each whole, and empty ones are like
  /// any other. Whoever is told may move them out of `batch`, which does not outlive the call. Only
  /// while receiving: none is told after `stop_receiving`, except for the rest of the batch that is
  /// being told.
  virtual void on_datagrams(std::span<received_datagram> batch) = 0;

  /// The kernel took the datagram, of `bytes` bytes, that was given to `send` with `tag`; whether
  /// it arrives anywhere, nobody knows. For each `send`, either this or `on_send_failed` is told
  /// exactly once, in the order of the sends, unless the socket is closed before.
  virtual void on_sent(send_tag tag, std::size_t bytes) = 0;
  /// The datagram did not leave: EMSGSIZE (too long), EACCES (broadcast without permission, or a
  /// firewall), ENETUNREACH and EHOSTUNREACH (no route), EDESTADDRREQ (no destination, and not
  /// connected), EISCONN (a destination although it is connected), EAFNOSUPPORT and EINVAL (not an
  /// address to send to), ENOBUFS, EPERM, ... Later ones are not concerned. `why` names the
  /// destination.
  virtual void on_send_failed(send_tag tag, const error& why) = 0;
  /// The kernel takes no more for now: `unsent_datagrams()` wait. Followed by `on_room`, once.
  virtual void on_send_blocked() = 0;
  /// After `on_send_blocked`: nothing waits any more. Behind the outcome of the last that waited.
  virtual void on_room() = 0;
  /// After `finish`, once: the outcome of every send was told. No event about sends follows.
  virtual void on_finished() = 0;

  /// Something came back of what was sent to the address that this is connected to: ECONNREFUSED
  /// if nobody is there, EHOSTUNREACH, ... It ends nothing: receiving and sending go on, and what
  /// was sent counts as sent. Sockets that are not connected are not told such things. Also told
  /// while not receiving. `why` names the remote address, and the call that noticed it.
  virtual void on_error(const error& why) = 0;

protected:
  ~datagram_events() = default;
};

/// A datagram socket on its loop: UDP over IPv4 or IPv6. Loop's thread only.
///
/// Sends are collected and leave with the next `poll` or `flush`, many in one system call; runs of
/// datagrams of equal size to one destination leave as one (UDP_SEGMENT), where the kernel can do
/// it. Chunks are held until the kernel has them. Only groups that this socket has joined reach it
/// (IP_MULTICAST_ALL is off).
class datagram_socket {
public:
  /// From now on `events` is told instead; it must outlive the socket.
  virtual void set_events(datagram_events& events) = 0;

  // -- receiving ----------------------------------------------------------------------------------

  /// Blocks that are received from now on are charged to `window`. The one who owns it looks after
  /// each batch whether there is room and stops receiving while there is none; so a window is
  /// exceeded by one batch at most: 64 datagrams, or 16 where large ones are usual. What the kernel
  /// cannot keep meanwhile, it drops and counts.
  virtual void set_receive_window(receive_window_ptr window) = 0;
  /// Where datagrams follow closely and nothing is sent, each may wait up to `longest` in the
  /// kernel's buffer, so that many are told together: it costs less to look for them by the clock
  /// than to be woken for each few. The receive buffer has to hold what comes meanwhile. 0, as it
  /// begins: none waits; a second at most. No socket has to make use of it. (With epoll it
  /// makes the timers of the loop's thread precise: PR_SET_TIMERSLACK.)
  virtual void set_coalescing(duration longest) = 0;
  /// Receive until `stop_receiving`. What came while nobody received is told first, as far as the
  /// kernel's buffer held it.
  virtual void start_receiving() = 0;
  virtual void stop_receiving() = 0;
  /// Datagrams that the kernel dropped for want of room in the receive buffer, since the socket was
  /// made; modulo 2^32.
  virtual std::uint32_t kernel_drops() const noexcept = 0;

  // -- sending ------------------------------------------------------------------------------------

  /// Appends a datagram to what is to be sent. `destination` is of family `none` on a connected
  /// socket, and nowhere else; an IPv4 address does on a socket of IPv6 that may carry it. Not
  /// after `finish`. Whoever limits the queue looks at `unsent_bytes` before.
  ///
  /// `source`: the address that it leaves from, whatever the socket is bound to (IP_PKTINFO); one
  /// of this host's, else EINVAL, or ENETUNREACH on newer kernels. Its port does not count. None:
  /// the system chooses.
  virtual void send(chunk bytes, const endpoint& destination, send_tag tag,
                    const endpoint& source = {}) = 0;
  /// Several pieces, in one datagram.
  virtual void send(std::vector<chunk> pieces, const endpoint& destination, send_tag tag,
                    const endpoint& source = {}) = 0;
  virtual std::size_t unsent_bytes() const noexcept = 0;
  virtual std::size_t unsent_datagrams() const noexcept = 0;
  /// `on_finished` once every datagram left or failed, which is in the next turn if the kernel has
  /// room. At most once.
  virtual void finish() = 0;

  // -- addresses ----------------------------------------------------------------------------------

  /// bind(2). EINVAL if it is bound already.
  virtual expected<void> bind(const endpoint& where) = 0;
  /// connect(2), at once: from now on only what `remote` sends is received, and sends need no
  /// destination. Binds if it is not bound. Replaces an earlier one. What waits to be sent goes
  /// where it was to go; what others had sent before and waits in the kernel is still received.
  /// EINVAL or EAFNOSUPPORT for what is no address to connect to.
  virtual expected<void> connect(const endpoint& remote) = 0;
  /// Receives from everybody again, and keeps its port. ENOTCONN. (The kernel forgets a port that
  /// it chose; it is bound again. Should somebody have taken it within that moment, the socket is
  /// left unbound, and that is success: look at `local`.)
  virtual expected<void> disconnect() = 0;
  /// Where it is bound; port 0 if it is not. Sending and connecting bind.
  virtual expected<endpoint> local() const = 0;
  /// Family `none` if it is not connected.
  virtual const endpoint& remote() const noexcept = 0;

  // -- groups -------------------------------------------------------------------------------------

  /// Neither binds. On all interfaces: success if there is one on which it could be done.
  /// Errors of setsockopt(2), about the group: EINVAL (not a multicast address, or of the wrong
  /// family), ENODEV (no such interface), EADDRINUSE (joined already; EADDRNOTAVAIL if it was for
  /// this source), ENOBUFS (more than the system's igmp_max_memberships).
  virtual expected<void> join(const group_membership& what) = 0;
  /// As it was joined. EADDRNOTAVAIL (not a member), EINVAL, ENODEV.
  virtual expected<void> leave(const group_membership& what) = 0;

  // -- settings -----------------------------------------------------------------------------------

  /// Stops at the first that the kernel refuses.
  virtual expected<void> set(const datagram_settings& chosen) = 0;
  /// What the kernel made of them: twice what was set.
  virtual expected<std::size_t> send_buffer_bytes() const = 0;
  virtual expected<std::size_t> receive_buffer_bytes() const = 0;
  /// getsockopt(2), of `bytes_max` bytes at most.
  virtual expected<std::vector<std::byte>> get_option(int level, int name,
                                                      std::size_t bytes_max) const = 0;

  /// Gives the descriptor back at once; what is unsent is dropped: who wants it to leave calls
  /// `finish` and waits. Nothing is told any more, not even within the call that is going on. The
  /// object is gone after it.
  virtual void close() = 0;

  struct closer {
    void operator()(datagram_socket* socket) const { socket->close(); }
  };

protected:
  ~datagram_socket() = default;
};

using datagram_socket_ptr = std::unique_ptr<datagram_socket, datagram_socket::closer>;

} // namespace actornet::net
