// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "send_queue.hpp"

#include <actornet/net/descriptor.hpp>
#include <actornet/net/stream_socket.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>

namespace actornet::net {

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
  explicit kernel_stream(stream_events& events) : events_(&events) {}

  void set_events(stream_events& events) final { events_ = &events; }
  void set_receive_window(receive_window_ptr window) final { window_ = std::move(window); }
  std::size_t unsent_bytes() const noexcept final { return unsent_.size(); }
  expected<void> set_no_delay(bool enabled) final;
  expected<void> set_keep_alive(const keep_alive_options& chosen) final;

protected:
  ~kernel_stream() = default;

  /// A socket on its way to `remote`, in `socket_`. EINPROGRESS is no failure.
  expected<void> open_and_connect(const endpoint& remote, const stream_options& chosen);
  /// How that ended: our end, or why not.
  expected<endpoint> connect_outcome(const endpoint& remote);
  /// The kernel says only once what broke a connection, and a send has just heard `why`.
  void remember_what_broke(const error& why) noexcept;

  stream_events* events_;
  descriptor socket_;
  receive_window_ptr window_;
  send_queue unsent_;
  int broken_by_ = 0; // errno that a send took from the kernel
};

} // namespace actornet::net
