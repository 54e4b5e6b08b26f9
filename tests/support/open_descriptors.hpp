// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sched.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <vector>

namespace actornet::test {

/// Of this process, with the one that reads them.
inline std::vector<int> open_descriptors() {
  std::vector<int> result;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    auto name = each.path().filename().string();
    int number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    result.push_back(number);
  }
  return result;
}

/// One more than there are without the question, each time.
inline std::size_t descriptor_count() { return open_descriptors().size(); }

/// Waits until there are `count`, no more; false if a generous time is not enough, or if there are
/// less. A thread of the resolver may still have a socket open for a question that nobody waits
/// for.
inline bool descriptors_come_down_to(std::size_t count) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (descriptor_count() > count && std::chrono::steady_clock::now() < deadline)
    ::sched_yield();
  return descriptor_count() == count;
}

} // namespace actornet::test
