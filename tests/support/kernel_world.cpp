// SPDX-License-Identifier: BSD-3-Clause
#include "support/kernel_world.hpp"

#include "support/open_descriptors.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace actornet::test {

namespace {

using namespace std::chrono_literals;

std::unique_ptr<net::io_backend> must(net::expected<std::unique_ptr<net::io_backend>> made) {
  INFO((made ? std::string() : to_string(made.error())));
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

kernel_world::kernel_world(const make_backend& make)
    : descriptors_before_(descriptor_count()), names_(std::make_shared<net::resolver>()),
      first_(must(make(names_))), second_(must(make(names_))) {}

kernel_world::~kernel_world() {
  forbid_descriptors(false);
  if (file_limit_before_)
    CHECK(::setrlimit(RLIMIT_FSIZE, &*file_limit_before_) == 0);
  first_.reset();
  second_.reset();
  names_.reset();
  CHECK(descriptors_come_down_to(descriptors_before_));
}

bool kernel_world::turn() {
  second_->poll(second_->now());
  first_->poll(first_->now());
  return true;
}

bool kernel_world::run_until(const std::function<bool()>& condition) {
  auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!condition() && std::chrono::steady_clock::now() < deadline) {
    turn();
    if (!condition())
      first_->poll(first_->now() + 1ms);
  }
  return condition();
}

void kernel_world::settle() {
  for (int turns = 0; turns < 20; ++turns) {
    turn();
    first_->poll(first_->now() + 1ms);
  }
}

// The limit is on numbers, not on how many there are: the lowest free one becomes too high.
void kernel_world::forbid_descriptors(bool forbidden) {
  if (forbidden && !limit_before_) {
    int lowest = ::dup(0);
    REQUIRE(lowest >= 0);
    ::close(lowest);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    limit_before_ = before;
    rlimit after{static_cast<rlim_t>(lowest), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &after) == 0);
  } else if (!forbidden && limit_before_) {
    CHECK(::setrlimit(RLIMIT_NOFILE, &*limit_before_) == 0);
    limit_before_.reset();
  }
}

// File threads have SIGXFSZ blocked, so the call says it.
int kernel_world::limit_files(std::size_t bytes) {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  if (!file_limit_before_)
    file_limit_before_ = before;
  rlimit after{bytes, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &after) == 0);
  return EFBIG;
}

} // namespace actornet::test
