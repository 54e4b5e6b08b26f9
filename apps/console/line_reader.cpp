// SPDX-License-Identifier: BSD-3-Clause
#include "line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <semaphore.h>
#include <unistd.h>
#include <utility>

namespace console {

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

namespace {

constexpr std::size_t buffer_size = 65536;

/// What a pipe holds, and no end of more that is given meanwhile.
constexpr std::size_t given_max = std::size_t{1} << 20;
/// Another process that reads the same input may have taken what was there.
constexpr std::chrono::seconds settle_max{1};

} // namespace

line_reader::line_reader(int descriptor, std::function<void(input_line)> on_line)
    : descriptor_(descriptor), room_(std::make_shared<semaphore>(lines_held_max)),
      buffer_(buffer_size), thread_([this, tell = std::move(on_line)] { run(tell); }) {}

void line_reader::settle() {
  std::unique_lock lock(mutex_);
  const auto enough = bytes_told_ + given_max;
  changed_.wait_for(lock, settle_max, [&] {
    return now_ == activity::ended || bytes_told_ >= enough ||
           (now_ == activity::waiting && !is_readable());
  });
}

void line_reader::run(const std::function<void(input_line)>& on_line) {
  const auto tell = [&](std::string text) {
    room_->acquire();
    on_line({std::move(text), std::shared_ptr<const void>(
                                  nullptr, [room = room_](const void*) { room->release(); })});
  };
  std::string line;
  for (auto rest = read_some(); !rest.empty(); rest = read_some()) {
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      line += rest.substr(0, end);
      tell(std::exchange(line, {}));
      rest.remove_prefix(end + 1);
    }
    line += rest;
  }
  if (!line.empty())
    tell(std::move(line));
  becomes(activity::ended);
}

std::string_view line_reader::read_some() {
  for (;;) {
    becomes(activity::waiting);
    pollfd input{descriptor_, POLLIN, 0};
    if (waiting_thread::wait([&] { return ::poll(&input, 1, -1); }) < 0)
      continue;
    becomes(activity::telling);
    const auto size =
        waiting_thread::wait([&] { return ::read(descriptor_, buffer_.data(), buffer_.size()); });
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
      continue;
    const auto got = static_cast<std::size_t>(std::max<ssize_t>(size, 0));
    bytes_read_ += got;
    return {buffer_.data(), got};
  }
}

void line_reader::becomes(activity what) {
  {
    const std::lock_guard lock(mutex_);
    now_ = what;
    bytes_told_ = bytes_read_;
  }
  changed_.notify_all();
}

bool line_reader::is_readable() const {
  pollfd input{descriptor_, POLLIN, 0};
  return ::poll(&input, 1, 0) != 0;
}

} // namespace console
