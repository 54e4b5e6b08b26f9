// SPDX-License-Identifier: BSD-3-Clause
#include "server.hpp"

#include "clock.hpp"

#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>

namespace load {

std::uint64_t cpu_ns_of(const server& peer) {
  if (peer.pid == 0)
    return 0;
  clockid_t clock{};
  if (const int error = ::clock_getcpuclockid(peer.pid, &clock); error != 0)
    throw std::system_error(error, std::generic_category(), "clock_getcpuclockid");
  return read_clock_ns(clock);
}

std::uint64_t resident_bytes_of(const server& peer) {
  if (peer.pid == 0)
    return 0;
  // smaps_rollup counts exactly; the figures of statm may lag by 64 pages per thread (proc(5)).
  const auto name = "/proc/" + std::to_string(peer.pid) + "/smaps_rollup";
  std::ifstream file{name};
  std::uint64_t kib = 0;
  for (std::string word; file >> word;)
    if (word == "Rss:" && file >> kib)
      return kib * 1024;
  throw std::runtime_error("no Rss in " + name);
}

} // namespace load
