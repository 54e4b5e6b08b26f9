// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "epoll_source.hpp"
#include "kernel_backend.hpp"

#include <actornet/net/descriptor.hpp>

#include <array>
#include <memory>
#include <sys/epoll.h>
#include <vector>

namespace actornet::net {

/// The I/O backend over epoll(7).
///
/// Everything is registered once and edge triggered, so that pausing, resuming and blocked sends
/// cost no system call (but for a datagram socket that looks by itself): a source remembers the
/// edges that it has not used up. Only the first blocked send of a stream adds EPOLLOUT to what it
/// is told.
class epoll_backend final : public kernel_backend {
public:
  epoll_backend(descriptor poller, std::shared_ptr<wake_signal> bell,
                std::shared_ptr<resolver> names);
  ~epoll_backend() override;

  std::string_view name() const noexcept override { return "epoll"; }
  void flush() override;
  void poll(std::optional<instant> until) override;
  bool waits_precisely() const noexcept override { return waiting_ == waiting::precise; }

  expected<listen_socket_ptr> add_listener(opened_listener opened, listen_events& events) override;
  expected<stream_socket_ptr> add_stream(descriptor socket, const socket_options& chosen,
                                         stream_events& events) override;
  stream_socket_ptr connect(const endpoint& remote, const connect_options& chosen,
                            stream_events& events) override;
  expected<datagram_socket_ptr> add_datagram(opened_datagram opened,
                                             datagram_events& events) override;

  // For the sources.

  expected<void> watch(int number, epoll_source& source, std::uint32_t events);
  /// Changes what an already watched descriptor is watched for.
  expected<void> watch_again(int number, epoll_source& source, std::uint32_t events);
  void call_next_turn(epoll_source& source);
  void call_at_flush(epoll_source& source) {
    if (!std::exchange(source.awaits_flush, true))
      to_flush_.push_back(&source);
  }
  /// Bytes came in, which may be on their way out again.
  void received(std::size_t bytes) noexcept { received_bytes_ += bytes; }
  /// `source` is closed, and so is `socket` when this returns; the source is deleted when nothing
  /// can point to it any more.
  void bury(epoll_source& source, descriptor socket);

private:
  // epoll_pwait2(2) counts nanoseconds, epoll_wait(2) milliseconds.
  enum class waiting : std::uint8_t { precise, coarse };

  bool may_wait() const noexcept;
  int wait_ms(std::optional<instant> until) const noexcept;
  int wait_for_ms(int ms) noexcept;
  int wait_for_look(instant when) noexcept;
  int wait_once(std::optional<instant> until);
  void wait(std::optional<instant> until);
  void tell_events();
  void flush_if_much_came();
  void call_turns();
  void forget_the_dead();

  static constexpr std::size_t events_per_turn_max = 256;
  // What is answered with as many bytes is sent while they are in the processor's cache.
  static constexpr std::size_t received_per_flush_max = 128 * 1024;

  descriptor poller_;
  waiting waiting_ = waiting::precise;
  std::array<epoll_event, events_per_turn_max> events_{};
  std::size_t events_count_ = 0;
  std::size_t received_bytes_ = 0; // since the last flush
  std::vector<epoll_source*> next_turn_;
  std::vector<epoll_source*> this_turn_;
  std::vector<epoll_source*> to_flush_;
  std::vector<epoll_source*> flushing_;
  std::vector<epoll_source*> dead_;
};

} // namespace actornet::net
