// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_tap.hpp"
#include "send_queue.hpp"

#include <actornet/net/descriptor.hpp>
#include <actornet/net/stream_socket.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace actornet::net {

class kernel_backend;

/// One send takes no more, however much there is. The kernel ends a call at 2 GiB less a page
/// (MAX_RW_COUNT), which would look as if there were no room; io_uring counts in 32 bits.
constexpr std::size_t bytes_per_send_max = std::size_t{1} << 30;

/// The pieces of one send, as sendmsg(2) wants them. Stays where it is: `message` points into it.
class send_frame {
public:
  send_frame() = default;
  send_frame(const send_frame&) = delete;
  send_frame& operator=(const send_frame&) = delete;

  /// As many of the first chunks of `unsent` as fit; their bytes.
  std::size_t fill(const send_queue& unsent) noexcept;
  const msghdr& message() const noexcept { return message_; }

private:
  static constexpr std::size_t pieces_max = 64;

  std::array<iovec, pieces_max> pieces_;
  msghdr message_{};
};

/// What the streams of all backends over the kernel have in common.
class kernel_stream : public stream_socket {
public:
  kernel_stream(kernel_backend& home, stream_events& events) : events_(&events), home_(home) {}

  void set_events(stream_events& events) final { events_ = &events; }
  void set_receive_window(receive_window_ptr window) final { window_ = std::move(window); }
  std::size_t unsent_bytes() const noexcept final { return unsent_.size(); }
  std::size_t unacknowledged_bytes() const noexcept final;
  expected<void> set_options(const socket_options& chosen) final;
  expected<std::vector<std::byte>> get_option(int level, int name,
                                              std::size_t bytes_max) const final;

  void reset() final;

  // For pumps. A tap takes the place of receiving, or of sending, and is called in a later turn at
  // first, as if there were bytes.

  virtual bool is_connected() const noexcept = 0;
  bool belongs_to(const kernel_backend& loop) const noexcept { return &home_ == &loop; }
  bool may_tap_receiving() const noexcept { return receive_tap_ == nullptr; }
  bool may_tap_sending() const noexcept {
    return send_tap_ == nullptr && unsent_.empty() && !finishing_ && sending_ == sending::ready;
  }
  int number() const noexcept { return socket_.number(); }

  void tap_receiving(stream_tap& who);
  /// Whoever has the stream may receive again.
  void untap_receiving();
  /// The socket has no byte now: the tap is called when it has.
  void await_bytes();
  /// Somebody else looks at the socket: until `await_bytes` or `read_again`, that it has bytes is
  /// no news.
  void ignore_bytes();
  /// It did not answer yet.
  bool awaits_bytes() const noexcept { return awaits_bytes_; }
  /// The tap is called in the next turn.
  void read_again();
  /// The end, or the failure, was read, and told to the owner of the tap.
  virtual void receiving_is_over() = 0;
  /// A call took what broke the connection from the kernel, which says it only once.
  void remember_break(int number) noexcept { broken_by_ = number; }
  int broken_by() const noexcept { return broken_by_; }

  void tap_sending(stream_tap& who);
  void untap_sending();
  /// The socket has no room now: the tap is called when it has.
  void await_room();
  void send_again();
  /// It broke; the owner of the tap tells so.
  void sending_was_broken(const error& why);

protected:
  enum class sending : std::uint8_t { ready, blocked, finished, broken };

  ~kernel_stream() = default;
  kernel_backend& kernel_home() const noexcept { return home_; }

  /// A socket on its way to `remote`, in `socket_`. EINPROGRESS is no failure.
  expected<void> open_and_connect(const endpoint& remote, const connect_options& chosen);
  /// How that ended: our end, or why not.
  expected<endpoint> connect_outcome(const endpoint& remote);
  /// One attempt to send, that does not wait.
  struct attempt {
    std::size_t asked;    ///< bytes
    std::ptrdiff_t taken; ///< of them; -errno
  };
  attempt send_at_once() noexcept;
  /// All is sent: the end of it.
  void hand_over_fin();
  void sending_broke(error why);

  /// Something of the five above is to be done: when the tap begins, waits, goes on, or ends.
  virtual void tap_changed() = 0;
  /// In a later turn: calls the taps that asked to be called.
  void call_taps();
  void bytes_came();
  void room_came();

  stream_events* events_;
  descriptor socket_;
  receive_window_ptr window_;
  send_queue unsent_;
  stream_tap* receive_tap_ = nullptr;
  stream_tap* send_tap_ = nullptr;
  int broken_by_ = 0;       // errno that a send took from the kernel
  std::uint32_t asked_ = 0; // bytes of the send that is under way, where one can be
  sending sending_ = sending::ready;
  bool finishing_ = false;
  bool awaits_bytes_ = false;
  bool awaits_room_ = false;
  bool ignores_bytes_ = false;
  bool reads_again_ = false;
  bool sends_again_ = false;
  bool looks_for_reset_ = false; // one may have come while a tap was in

private:
  /// The kernel says only once what broke a connection, and a send has just heard `why`.
  void remember_what_broke(const error& why) noexcept;
  int reason_of_shutdown(int number) noexcept;

  kernel_backend& home_;
};

} // namespace actornet::net
