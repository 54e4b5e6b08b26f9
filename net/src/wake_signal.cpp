// SPDX-License-Identifier: BSD-3-Clause
#include "wake_signal.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace actornet::net {

expected<std::shared_ptr<wake_signal>> wake_signal::make() {
  int number = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (number < 0)
    return fail(error::system(errno, "eventfd"));
  return std::make_shared<wake_signal>(number);
}

wake_signal::~wake_signal() { ::close(number_); }

void wake_signal::ring() noexcept {
  const std::uint64_t one = 1;
  // EAGAIN means that the counter is full of unread rings: the loop is awake then.
  while (::write(number_, &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

} // namespace actornet::net
