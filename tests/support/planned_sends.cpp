// SPDX-License-Identifier: BSD-3-Clause
#include "support/planned_sends.hpp"

#include <dlfcn.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>

// Method: a function of the program comes before that of the same name in a shared library, here
// the C library. So it stands between the backend and the kernel.

namespace actornet::test {

namespace {

struct answer {
  int number = 0;
  std::size_t takes = SIZE_MAX;
};

thread_local planned_sends* planned = nullptr;
thread_local std::deque<answer> answers;
thread_local int run_refusal = 0;
thread_local std::size_t run_bytes = 0;

std::size_t segment_bytes(const msghdr& message) {
  if (message.msg_controllen == 0)
    return 0;
  std::uint16_t size = 0;
  std::memcpy(&size, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof size);
  return size;
}

bool is_refused(const msghdr& message) {
  return run_refusal != 0 && message.msg_controllen != 0 && segment_bytes(message) >= run_bytes;
}

std::size_t before_refused(const mmsghdr* messages, std::size_t count) {
  std::size_t at = 0;
  while (at < count && !is_refused(messages[at].msg_hdr))
    ++at;
  return at;
}

void note(const mmsghdr* messages, std::size_t count) {
  planned_sends::call made{count, 0};
  for (std::size_t i = 0; i < count; ++i)
    made.runs += messages[i].msg_hdr.msg_controllen != 0 ? 1u : 0u;
  planned->calls.push_back(made);
}

// How many messages are to reach the kernel; 0 with errno set.
std::size_t plan(const mmsghdr* messages, std::size_t count) {
  note(messages, count);
  answer next;
  if (!answers.empty()) {
    next = answers.front();
    answers.pop_front();
  }
  count = before_refused(messages, std::min(count, next.takes));
  errno = next.number != 0 ? next.number : run_refusal;
  return next.number != 0 ? 0 : count;
}

} // namespace

planned_sends::planned_sends() { planned = this; }

planned_sends::~planned_sends() {
  planned = nullptr;
  answers.clear();
  run_refusal = 0;
}

void planned_sends::next(int number) { answers.push_back({number, SIZE_MAX}); }

void planned_sends::next_takes(std::size_t messages) { answers.push_back({0, messages}); }

void planned_sends::refuse_runs(int number, std::size_t bytes) {
  run_refusal = number;
  run_bytes = bytes;
}

} // namespace actornet::test

extern "C" int sendmmsg(int number, mmsghdr* messages, unsigned count, int flags) {
  using function = int (*)(int, mmsghdr*, unsigned, int);
  static const auto of_library = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "sendmmsg"));
  if (actornet::test::planned != nullptr) {
    count = static_cast<unsigned>(actornet::test::plan(messages, count));
    if (count == 0)
      return -1;
  }
  return of_library(number, messages, count, flags);
}
