// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/expected.hpp>
#include <actornet/net/instant.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace actornet::net {

/// The threads on which files are opened, read, written and closed, because all of that blocks for
/// as long as a disk likes. Any thread may ask.
///
/// A few threads do the work. One that hangs, on a disk that does not answer, must not hold up what
/// other files want: so when work has waited for a while and no thread took any, there is one more
/// thread, up to a limit; those that are idle for long end. What can be polled (a FIFO, a terminal)
/// never hangs: its descriptor is non-blocking, and one thread waits for all of these together.
class file_threads {
public:
  struct options {
    /// Started as there is work. More come only if these make no progress.
    std::size_t threads_at_first = 4;
    std::size_t threads_max = 64;
    /// So long may work wait without any thread taking some, until there is one more.
    duration stuck_after = std::chrono::milliseconds(20);
    /// Those beyond the first end when they have had nothing to do for so long.
    duration idle_max = std::chrono::seconds(10);
  };

  /// What threads do. Kept alive until it has run.
  class work {
  public:
    virtual ~work() = default;
    /// On a file thread, once for each `run` and each `run_when_ready`.
    virtual void perform() noexcept = 0;
  };

  explicit file_threads(options chosen);
  /// Never waits: work that is still there is done, and a thread that is stuck is left to itself.
  ~file_threads();
  file_threads(const file_threads&) = delete;
  file_threads& operator=(const file_threads&) = delete;

  /// Those of the process: made for the first who asks, and gone when nobody has them any more.
  static std::shared_ptr<file_threads> shared();

  /// That there is a thread to do any work at all; EAGAIN of pthread_create if there cannot be.
  expected<void> prepare();
  /// After `prepare`.
  void run(std::shared_ptr<work> what);
  /// As `run`, as soon as poll(2) has one of `events` for `number`. False: it cannot be waited for.
  bool run_when_ready(int number, std::uint32_t events, std::shared_ptr<work> what);
  /// What waits for `number` runs at once. False: it does already, or will.
  bool hurry(int number);

  /// Work waits for a thread.
  bool has_waiting() const;
  /// For tests.
  std::size_t threads() const;

private:
  class crew;
  std::shared_ptr<crew> crew_;
};

} // namespace actornet::net
