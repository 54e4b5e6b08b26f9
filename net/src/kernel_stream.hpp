// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "send_queue.hpp"

#include <actornet/net/descriptor.hpp>
#include <actornet/net/stream_socket.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>

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

protected:
  enum class sending { ready, blocked, finished, broken };

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

  stream_events* events_;
  descriptor socket_;
  receive_window_ptr window_;
  send_queue unsent_;
  int broken_by_ = 0; // errno that a send took from the kernel
  sending sending_ = sending::ready;
  bool finishing_ = false;

private:
  /// The kernel says only once what broke a connection, and a send has just heard `why`.
  void remember_what_broke(const error& why) noexcept;
  int reason_of_shutdown(int number) noexcept;

  kernel_backend& home_;
};

} // namespace actornet::net
