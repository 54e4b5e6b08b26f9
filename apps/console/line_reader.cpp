// SPDX-License-Identifier: BSD-3-Clause
#include "line_reader.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <semaphore.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace console {

namespace {

/// A POSIX semaphore, because waiting for it is a cancellation point; that of C++ is none.
class semaphore {
public:
  explicit semaphore(unsigned count) { sem_init(&raw_, 0, count); }
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;
  ~semaphore() { sem_destroy(&raw_); }

  void acquire() {
    waiting_thread::wait([this] { return sem_wait(&raw_); });
  }
  void release() { sem_post(&raw_); }

private:
  sem_t raw_;
};

/// The next bytes; none at the end.
std::string_view read_some(int descriptor, std::array<char, 65536>& buffer) {
  for (;;) {
    const auto size =
        waiting_thread::wait([&] { return ::read(descriptor, buffer.data(), buffer.size()); });
    if (size >= 0)
      return {buffer.data(), static_cast<std::size_t>(size)};
    if (errno == EAGAIN) // somebody else made the terminal non-blocking
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    else if (errno != EINTR)
      return {};
  }
}

void read_lines(int descriptor, const std::function<void(input_line)>& on_line) {
  const auto room = std::make_shared<semaphore>(line_reader::lines_held_max);
  const auto tell = [&](std::string text) {
    room->acquire();
    on_line({std::move(text),
             std::shared_ptr<const void>(nullptr, [room](const void*) { room->release(); })});
  };
  auto buffer = std::make_unique<std::array<char, 65536>>();
  std::string line;
  for (auto rest = read_some(descriptor, *buffer); !rest.empty();
       rest = read_some(descriptor, *buffer)) {
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      line += rest.substr(0, end);
      tell(std::exchange(line, {}));
      rest.remove_prefix(end + 1);
    }
    line += rest;
  }
  if (!line.empty())
    tell(std::move(line));
}

} // namespace

line_reader::line_reader(int descriptor, std::function<void(input_line)> on_line)
    : thread_([=, tell = std::move(on_line)] { read_lines(descriptor, tell); }) {}

} // namespace console
