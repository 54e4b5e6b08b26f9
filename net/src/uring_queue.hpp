// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "uring_options.hpp"

#include <actornet/net/expected.hpp>
#include <actornet/net/instant.hpp>

#include <liburing.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace actornet::net {

/// The submission and the completion queue that a loop shares with the kernel: io_uring(7).
///
/// Used by one thread, the first that enters, as IORING_SETUP_SINGLE_ISSUER promises the kernel. It
/// may be made by another, and destroyed by another once that one has ended: until then the kernel
/// keeps for it what is under way.
class uring_queue {
public:
  /// Fails with what io_uring_setup(2) says; EINVAL means that the kernel is older than 6.0.
  static expected<std::unique_ptr<uring_queue>> make(const uring_options& chosen);
  ~uring_queue();
  uring_queue(const uring_queue&) = delete;
  uring_queue& operator=(const uring_queue&) = delete;

  io_uring& ring() noexcept { return ring_; }
  /// This thread may enter: it is the one that did before, or nobody has.
  bool is_ours() const noexcept;

  /// An operation to fill in; null when there is no room, not even after handing over the others.
  io_uring_sqe* next();
  /// Some operations are yet to be handed over: the kernel may still look at what they point to.
  bool has_unsubmitted() const noexcept { return io_uring_sq_ready(&ring_) != 0; }
  /// The kernel has something to do for us the next time that we enter it.
  bool wants_entry() const noexcept;

  bool has_completions() const noexcept { return io_uring_cq_ready(&ring_) != 0; }

  /// How often the kernel was entered so far.
  std::uint64_t entries() const noexcept { return entries_; }

  /// Hands over, does what is due, and does not wait.
  void submit();
  /// As `submit`, and waits for a completion or `timeout` (none: no limit). False: it ended too
  /// early, because of a signal.
  bool submit_and_wait(std::optional<instant::duration> timeout);

  /// Calls `tell(completion)` for those that are there now, and for none that comes meanwhile; how
  /// many. `tell` may call anything here but this.
  template <class F> unsigned for_each_completion(F&& tell) {
    const unsigned count = io_uring_cq_ready(&ring_);
    for (unsigned i = 0; i < count; ++i) {
      io_uring_cqe* each = nullptr;
      io_uring_peek_cqe(&ring_, &each);
      const auto completion = *each;
      io_uring_cq_advance(&ring_, 1);
      tell(completion);
    }
    return count;
  }

  /// Within `for_each_completion`: the tag of the one that comes `ahead` others later, if it is
  /// there already; else 0.
  std::uint64_t upcoming_tag(unsigned ahead) const noexcept {
    if (ahead >= io_uring_cq_ready(&ring_))
      return 0;
    return ring_.cq.cqes[(*ring_.cq.khead + ahead) & *ring_.cq.kring_mask].user_data;
  }

private:
  uring_queue() = default;
  void enable();

  io_uring ring_{};
  io_uring unregistered_{}; // the same, as it was before its thread registered the descriptor
  std::uint64_t entries_ = 0;
  std::uint64_t issuer_ = 0; // the thread that enters; 0: none has
};

} // namespace actornet::net
