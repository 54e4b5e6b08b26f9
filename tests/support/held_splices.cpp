// SPDX-License-Identifier: BSD-3-Clause
#include "support/held_splices.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

// Method: a function of the program comes before that of the same name in a shared library, here
// the C library. So it stands between the backend and the kernel.

namespace actornet::test {

namespace {

std::atomic<bool> are_held{false};
std::atomic<std::size_t> made{0};
std::atomic<std::size_t> let_end{0};
std::atomic<pid_t> last_caller{0};
std::atomic<pid_t> test_thread{0};

bool is_pipe(int number) noexcept {
  struct stat facts {};
  return ::fstat(number, &facts) == 0 && S_ISFIFO(facts.st_mode);
}

// It does not sleep, so that who sleeps is not held: see `let_go_until_rest`.
void hold(int from) noexcept {
  if (!are_held || ::gettid() == test_thread || !is_pipe(from))
    return;
  last_caller = ::gettid();
  const auto mine = ++made;
  while (are_held && let_end < mine)
    std::this_thread::yield();
}

// proc_pid_stat(5): the letter behind the name, which is in parentheses.
bool is_asleep(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(") ");
  return name_end == std::string::npos || text[name_end + 2] == 'S';
}

} // namespace

held_splices::held_splices() {
  made = let_end = 0;
  test_thread = ::gettid();
  are_held = true;
}

held_splices::~held_splices() { let_go_all(); }

std::size_t held_splices::count() const noexcept { return made; }

void held_splices::let_go() noexcept { let_end = made.load(); }

void held_splices::let_go_all() noexcept { are_held = false; }

void held_splices::let_go_until_rest() {
  let_go();
  while (!is_asleep(last_caller))
    std::this_thread::yield();
}

} // namespace actornet::test

extern "C" ssize_t splice(int from, off64_t* from_at, int to, off64_t* to_at, std::size_t most,
                          unsigned flags) {
  using function = ssize_t (*)(int, off64_t*, int, off64_t*, std::size_t, unsigned);
  static const auto of_library = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "splice"));
  const auto count = of_library(from, from_at, to, to_at, most, flags);
  const int number = errno;
  actornet::test::hold(from);
  errno = number;
  return count;
}
