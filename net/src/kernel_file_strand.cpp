// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_file_strand.hpp"

#include <poll.h>

#include <utility>

namespace actornet::net {

namespace {

// So many steps of one file, then others that wait for a thread.
constexpr int steps_per_turn_max = 16;
constexpr int blind_wait_ms = 100;

} // namespace

error file_strand::failure(int number, std::string_view syscall) const {
  auto why = error::system(number, syscall);
  why.address = path;
  return why;
}

// That of whoever asks is the first.
bool file_strand::is_wanted() const {
  std::lock_guard guard(mutex_);
  return abandoned_ || tasks_.size() > 1;
}

void file_strand::submit(std::shared_ptr<task> what) {
  {
    std::lock_guard guard(mutex_);
    if (!abandoned_) {
      tasks_.push_back(std::move(what));
      if (phase_ == phase::idle) {
        phase_ = phase::queued;
        threads_->run(shared_from_this());
      }
      return;
    }
  }
  what->drop();
}

void file_strand::abandon() {
  std::lock_guard guard(mutex_);
  abandoned_ = true;
  if (phase_ == phase::idle) {
    phase_ = phase::queued;
    threads_->run(shared_from_this());
  } else if (phase_ == phase::parked) {
    threads_->hurry(number());
  }
}

void file_strand::perform() noexcept {
  std::unique_lock guard(mutex_);
  phase_ = phase::running;
  do
    for (int i = 0; i < steps_per_turn_max; ++i)
      if (!take_step(guard))
        return;
  while (!others_wait());
  phase_ = phase::queued;
  threads_->run(shared_from_this());
}

// False: that was all for now.
bool file_strand::take_step(std::unique_lock<std::mutex>& guard) {
  if (abandoned_) {
    end(guard);
    return false;
  }
  if (tasks_.empty()) {
    phase_ = phase::idle;
    return false;
  }
  auto now = tasks_.front();
  guard.unlock();
  const auto next = now->run(*this);
  guard.lock();
  if (next == step::done)
    tasks_.pop_front();
  if (abandoned_ || next == step::done || next == step::again)
    return true;
  phase_ = phase::parked;
  const short events = next == step::when_writable ? POLLOUT : POLLIN;
  if (threads_->run_when_ready(number(), static_cast<std::uint32_t>(events), shared_from_this()))
    return false;
  // For want of descriptors nobody else can wait for it.
  phase_ = phase::running;
  guard.unlock();
  pollfd wanted{number(), events, 0};
  ::poll(&wanted, 1, blind_wait_ms);
  guard.lock();
  return true;
}

void file_strand::end(std::unique_lock<std::mutex>& guard) noexcept {
  phase_ = phase::ended;
  auto left = std::exchange(tasks_, {});
  guard.unlock();
  for (auto& each : left)
    each->drop();
  socket_ = {};
  guard.lock();
}

} // namespace actornet::net
