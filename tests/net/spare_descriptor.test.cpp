// SPDX-License-Identifier: BSD-3-Clause
#include "spare_descriptor.hpp"
#include "support/backend_world.hpp"

#include <cerrno>
#include <sys/resource.h>
#include <unistd.h>

using namespace actornet::net;

namespace {

/// While it lives, the lowest free descriptor is the only one.
class one_descriptor {
public:
  one_descriptor() {
    int lowest = ::dup(0);
    REQUIRE(lowest >= 0);
    ::close(lowest);
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit after{static_cast<rlim_t>(lowest) + 1, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &after) == 0);
  }
  one_descriptor(const one_descriptor&) = delete;
  one_descriptor& operator=(const one_descriptor&) = delete;
  ~one_descriptor() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

bool there_is_one() {
  int number = ::dup(0);
  if (number >= 0)
    ::close(number);
  return number >= 0;
}

} // namespace

TEST_CASE("a spare descriptor takes a place, and gives it back") {
  one_descriptor limit;
  spare_descriptor spare;
  REQUIRE(spare.hold());
  CHECK_FALSE(there_is_one());
  CHECK(spare.hold());
  spare.release();
  CHECK(there_is_one());
}

TEST_CASE("a spare descriptor whose place was taken is had again when there is one") {
  one_descriptor limit;
  spare_descriptor spare;
  REQUIRE(spare.hold());
  spare.release();
  int thief = ::dup(0);
  REQUIRE(thief >= 0);
  CHECK_FALSE(spare.hold());
  ::close(thief);
  CHECK(spare.hold());
  CHECK_FALSE(there_is_one());
}
