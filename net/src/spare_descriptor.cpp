// SPDX-License-Identifier: BSD-3-Clause
#include "spare_descriptor.hpp"

#include "socket_calls.hpp"

#include <fcntl.h>

namespace actornet::net {

bool spare_descriptor::hold() {
  if (held_)
    return true;
  int number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (number < 0)
    return false;
  held_ = descriptor(number, kernel_descriptors());
  return true;
}

} // namespace actornet::net
