// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "epoll_source.hpp"
#include "lookup_inbox.hpp"
#include "wake_signal.hpp"

#include <actornet/net/buffer_pool.hpp>
#include <actornet/net/io_backend.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <sys/epoll.h>
#include <vector>

namespace actornet::net {

/// The I/O backend over epoll(7).
///
/// Everything is registered once and edge triggered, so that pausing, resuming and blocked sends
/// cost no system call: a source remembers the edges that it has not used up. Only the first
/// blocked send of a stream adds EPOLLOUT to what it is told.
class epoll_backend final : public io_backend {
public:
  epoll_backend(descriptor poller, std::shared_ptr<wake_signal> bell,
                std::shared_ptr<resolver> names);
  ~epoll_backend() override;

  std::string_view name() const noexcept override { return "epoll"; }
  instant now() const noexcept override { return now_; }
  void flush() override;
  void poll(std::optional<instant> until) override;
  void wake() noexcept override;

  expected<opened_listener> open_listener(const endpoint& where,
                                          const listen_options& chosen) override;
  expected<opened_listener> adopt_listener(int number, const listen_options& chosen) override;
  expected<accepted_stream> adopt_stream(int number) override;
  expected<listen_socket_ptr> add_listener(opened_listener opened, listen_events& events) override;
  expected<stream_socket_ptr> add_stream(descriptor socket, const stream_options& chosen,
                                         stream_events& events) override;
  stream_socket_ptr connect(const endpoint& remote, const stream_options& chosen,
                            stream_events& events) override;
  name_lookup_ptr look_up(name_query query, name_lookup_events& events) override;

  // For the sources.

  expected<void> watch(int number, epoll_source& source, std::uint32_t events);
  /// Changes what an already watched descriptor is watched for.
  expected<void> watch_again(int number, epoll_source& source, std::uint32_t events);
  void call_next_turn(epoll_source& source);
  void call_at_flush(epoll_source& source);
  /// `source` is closed: it is deleted when nothing can point to it any more.
  void bury(epoll_source& source);
  /// Somebody was told something: what comes of it must not wait for the kernel.
  void told() noexcept { told_ = true; }
  buffer_pool& buffers() noexcept { return buffers_; }

private:
  int wait_ms(std::optional<instant> until) const noexcept;
  void wait(int timeout_ms);
  void tell_events();
  void call_turns();
  void forget_the_dead();

  static constexpr std::size_t events_per_turn_max = 256;

  descriptor poller_;
  std::shared_ptr<wake_signal> bell_;
  std::shared_ptr<lookup_inbox> lookups_;
  std::shared_ptr<resolver> names_;
  buffer_pool buffers_;
  instant now_;
  bool told_ = false;
  // Set by whoever rings, taken back by the loop before it looks for what they left.
  std::atomic<bool> rung_{false};
  std::array<epoll_event, events_per_turn_max> events_{};
  std::size_t events_count_ = 0;
  std::vector<epoll_source*> next_turn_;
  std::vector<epoll_source*> this_turn_;
  std::vector<epoll_source*> to_flush_;
  std::vector<epoll_source*> flushing_;
  std::vector<epoll_source*> dead_;
};

} // namespace actornet::net
