// SPDX-License-Identifier: BSD-3-Clause
#include "server.hpp"

#include "clock.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>

namespace load {

namespace {

constexpr std::uint64_t halt_patience_ns = 5 * ns_per_second;

// `T` behind the name, which stands in parentheses (proc(5), stat).
bool is_halted(const std::filesystem::path& task) {
  std::ifstream file{task / "stat"};
  std::string line;
  std::getline(file, line);
  const auto end_of_name = line.rfind(") ");
  return end_of_name != std::string::npos && line[end_of_name + 2] == 'T';
}

bool is_halted(pid_t pid) {
  const std::filesystem::directory_iterator tasks{"/proc/" + std::to_string(pid) + "/task"};
  return std::all_of(begin(tasks), end(tasks),
                     [](const auto& task) { return is_halted(task.path()); });
}

void signal(pid_t pid, int number) {
  if (::kill(pid, number) != 0)
    throw std::system_error(errno, std::generic_category(), "kill");
}

} // namespace

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

halt::halt(const server& peer) : pid_(peer.pid) {
  signal(pid_, SIGSTOP);
  const auto deadline_ns = now_ns() + halt_patience_ns;
  while (!is_halted(pid_)) {
    if (now_ns() > deadline_ns)
      throw std::runtime_error("the server did not halt within 5 s");
    ::sched_yield();
  }
}

halt::~halt() { ::kill(pid_, SIGCONT); }

} // namespace load
