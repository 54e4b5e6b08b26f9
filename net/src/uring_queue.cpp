// SPDX-License-Identifier: BSD-3-Clause
#include "uring_queue.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <cerrno>

namespace actornet::net {

namespace {

// 6.0 brought both SINGLE_ISSUER and the multishot receive, which cannot be asked for otherwise.
// A ring that starts disabled belongs to the thread that enables it, not to the one that made it.
constexpr unsigned flags_always = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_R_DISABLED |
                                  IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP |
                                  IORING_SETUP_SUBMIT_ALL | IORING_SETUP_TASKRUN_FLAG;

int set_up(io_uring& ring, const uring_options& chosen, unsigned flags) {
  io_uring_params wanted{};
  wanted.flags = flags_always | flags;
  wanted.cq_entries = chosen.completions;
  return io_uring_queue_init_params(chosen.submissions, &ring, &wanted);
}

// What a user can do about it.
std::string_view remedy(int number) noexcept {
  switch (number) {
  case EINVAL:
    return "Linux 6.0 or later is needed";
  case ENOMEM:
    return "the limit on locked memory (RLIMIT_MEMLOCK) is too low";
  case ENOSYS:
    return "the kernel has none, or a seccomp filter hides it";
  case EPERM:
    return "the sysctl kernel.io_uring_disabled or a seccomp filter forbids it";
  default:
    return {};
  }
}

// Unlike std::thread::id and gettid(2), no thread gets the number of one that has ended.
std::uint64_t this_thread() noexcept {
  static std::atomic<std::uint64_t> threads{0};
  thread_local const std::uint64_t number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
  return number;
}

error refusal(int number) {
  auto why = error::system(number, "io_uring_setup");
  if (auto sentence = remedy(number); !sentence.empty())
    why.detail = sentence;
  return why;
}

} // namespace

expected<std::unique_ptr<uring_queue>> uring_queue::make(const uring_options& chosen) {
  std::unique_ptr<uring_queue> made(new uring_queue);
  int done = chosen.deferred ? set_up(made->ring_, chosen, IORING_SETUP_DEFER_TASKRUN) : -EINVAL;
  if (done == -EINVAL)
    done = set_up(made->ring_, chosen, IORING_SETUP_COOP_TASKRUN);
  if (done < 0) {
    made->ring_.ring_fd = -1;
    return fail(refusal(-done));
  }
  return made;
}

// What is registered has a number that means something to the thread that registered it; on any
// other it is another ring's, or nothing. From 2.4 on the library uses it for the exit as well.
uring_queue::~uring_queue() {
  if (ring_.ring_fd >= 0)
    io_uring_queue_exit(is_ours() ? &ring_ : &unregistered_);
}

bool uring_queue::is_ours() const noexcept { return issuer_ == 0 || issuer_ == this_thread(); }

void uring_queue::enable() {
  if (issuer_ != 0)
    return;
  // Some builds of the library forget to export their function for this.
  [[maybe_unused]] auto done =
      ::syscall(SYS_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  assert(done == 0);
  // Spares the kernel to look the descriptor up each time; where it does not work, nothing is lost.
  unregistered_ = ring_;
  io_uring_register_ring_fd(&ring_);
  issuer_ = this_thread();
}

io_uring_sqe* uring_queue::next() {
  auto* free = io_uring_get_sqe(&ring_);
  if (free == nullptr) {
    submit();
    free = io_uring_get_sqe(&ring_);
  }
  return free;
}

bool uring_queue::wants_entry() const noexcept {
  return has_unsubmitted() ||
         (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

// io_uring_enter(2): what keeps it from taking all operations (EAGAIN: no memory, EBUSY: too many
// completions wait for us, EINTR) keeps them where they are for the next time.
void uring_queue::submit() {
  enable();
  ++entries_;
  io_uring_submit_and_get_events(&ring_);
}

bool uring_queue::submit_and_wait(std::optional<instant::duration> timeout) {
  enable();
  ++entries_;
  io_uring_cqe* first = nullptr;
  __kernel_timespec wait{};
  if (timeout) {
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*timeout);
    wait = {seconds.count(), (*timeout - seconds).count()};
  }
  int done =
      io_uring_submit_and_wait_timeout(&ring_, &first, 1, timeout ? &wait : nullptr, nullptr);
  // A signal after something was handed over is not told: it looks like success with nothing there.
  return done != -EINTR && (done < 0 || io_uring_cq_ready(&ring_) > 0);
}

} // namespace actornet::net
