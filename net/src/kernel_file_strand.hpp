// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernel_file_threads.hpp"

#include <actornet/net/descriptor.hpp>
#include <actornet/net/error.hpp>
#include <actornet/net/file.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace actornet::net {

/// An open file of the kernel and what is to be done with it: in order, one thing at a time, on
/// whatever file thread is free. That is what makes its one position safe.
class file_strand final : public opened_file,
                          public file_threads::work,
                          public std::enable_shared_from_this<file_strand> {
public:
  enum class step {
    done,
    again,         ///< there is more to do, when others have had their turn
    when_writable, ///< it would block (EAGAIN): again, when poll(2) says POLLOUT
    when_readable, ///< the same with POLLIN
  };

  class task {
  public:
    virtual ~task() = default;
    /// On a file thread, until it is done.
    virtual step run(file_strand& file) noexcept = 0;
    /// Instead, on any thread: the file was given up before it was done.
    virtual void drop() noexcept {}
  };

  file_strand(std::shared_ptr<file_threads> threads, std::string path, const file_options& chosen)
      : path(std::move(path)), chosen(chosen), threads_(std::move(threads)) {}

  /// Any thread.
  void submit(std::shared_ptr<task> what);
  /// The owner, once: what has not begun is dropped, and the descriptor given back.
  void abandon();

  void perform() noexcept override;

  // For tasks.

  int number() const noexcept { return socket_.number(); }
  void hold(descriptor opened) noexcept { socket_ = std::move(opened); }
  int release() noexcept { return socket_.release(); }
  error failure(int number, std::string_view syscall) const;
  /// Something else is to be done with this file.
  bool is_wanted() const;
  /// Other files want something of threads that are busy.
  bool others_wait() const { return threads_->has_waiting(); }

  const std::string path;
  const file_options chosen;
  /// Of `chosen.length`, what is yet to be read. Of tasks.
  std::uint64_t unread = chosen.length;
  /// Its owner reads it, or has read ahead. Set by the owner.
  std::atomic<bool> is_read = false;

private:
  enum class phase { idle, queued, running, parked, ended };

  bool take_step(std::unique_lock<std::mutex>& guard);
  void end(std::unique_lock<std::mutex>& guard) noexcept;

  const std::shared_ptr<file_threads> threads_;
  descriptor socket_; // of whichever thread runs a task
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::deque<std::shared_ptr<task>> tasks_;
  phase phase_ = phase::idle;
  bool abandoned_ = false;
};

} // namespace actornet::net
