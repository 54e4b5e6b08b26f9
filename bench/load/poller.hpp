// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "socket.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>
#include <system_error>

namespace load {

/// How a load waits for what comes back: polling, so that the server never pays for waking it,
/// which wants a core for itself; or sleeping, which leaves the core to a server that shares it.
enum class waiting { polling, sleeping };

/// Watches descriptors, level triggered, each for an owner that has to stay where it is. A closed
/// descriptor is forgotten.
template <class Owner> class poller {
public:
  explicit poller(waiting wait = waiting::polling)
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        timeout_ms_(wait == waiting::polling ? 0 : sleep_ms_max) {
    if (!epoll_.is_open())
      fail("epoll_create1");
  }

  void watch(const unique_fd& fd, Owner& owner, std::uint32_t events = EPOLLIN) {
    control(EPOLL_CTL_ADD, fd, owner, events);
  }

  void watch_instead(const unique_fd& fd, Owner& owner, std::uint32_t events) {
    control(EPOLL_CTL_MOD, fd, owner, events);
  }

  /// Calls `handle(owner, events)` for each descriptor that has something, and says how many there
  /// were. Sleeps if it may, but never for long: its caller watches the time.
  template <class Handle> std::size_t poll(Handle handle) {
    const int found =
        ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), timeout_ms_);
    if (found < 0 && errno != EINTR)
      fail("epoll_wait");
    const auto count = found < 0 ? std::size_t{0} : static_cast<std::size_t>(found);
    for (std::size_t i = 0; i < count; ++i)
      handle(*static_cast<Owner*>(events_[i].data.ptr), events_[i].events);
    return count;
  }

private:
  static constexpr int sleep_ms_max = 10;

  [[noreturn]] static void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
  }

  void control(int operation, const unique_fd& fd, Owner& owner, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &owner;
    if (::epoll_ctl(epoll_.get(), operation, fd.get(), &event) != 0)
      fail("epoll_ctl");
  }

  unique_fd epoll_;
  const int timeout_ms_;
  std::array<epoll_event, 512> events_{};
};

} // namespace load
