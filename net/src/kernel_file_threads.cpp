// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_file_threads.hpp"

#include "socket_calls.hpp"
#include "wake_signal.hpp"

#include <actornet/net/descriptor.hpp>
#include <actornet/net/error.hpp>

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

namespace actornet::net {

/// Shared by the file threads and whoever uses them: threads that are stuck outlive all others.
class file_threads::crew : public std::enable_shared_from_this<crew> {
public:
  explicit crew(options chosen) : chosen_(chosen) {}

  expected<void> prepare();
  void run(std::shared_ptr<work> what);
  bool run_when_ready(int number, std::uint32_t events, std::shared_ptr<work> what);
  bool hurry(int number);
  void stop();
  std::size_t threads();
  bool has_waiting();

private:
  template <class F> bool start(F body);
  void add_worker();
  void enqueue(std::shared_ptr<work> what);
  void labour();
  bool wait_for_work(std::unique_lock<std::mutex>& guard);

  bool have_watch();
  bool make_watch();
  void keep_watch();
  int watch_timeout_ms();
  void add_worker_if_stuck();
  void wake_ready(int number);

  std::size_t free_workers() const noexcept { return workers_ - busy_; }

  const options chosen_;
  std::mutex mutex_;
  std::condition_variable something_to_do_;
  // All guarded by mutex_.
  std::deque<std::shared_ptr<work>> waiting_;
  std::size_t workers_ = 0;
  std::size_t busy_ = 0;
  std::uint64_t taken_ = 0;        // pieces of work that a thread has begun, ever
  std::uint64_t taken_before_ = 0; // as of when the watch last looked
  bool is_watched_ = false;        // the watch knows that work waits
  bool stopped_ = false;
  std::unordered_map<int, std::shared_ptr<work>> parked_;
  // Made with the thread that watches, and there from then on.
  descriptor poller_;
  std::shared_ptr<wake_signal> bell_;
};

// -- threads --------------------------------------------------------------------------------------

// With every signal blocked: the host program's handlers are to run on its own threads, and SIGPIPE
// and SIGXFSZ, which are this thread's, must not end the program.
template <class F> bool file_threads::crew::start(F body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    std::thread(std::move(body)).detach();
  } catch (const std::system_error&) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

void file_threads::crew::add_worker() {
  if (start([self = shared_from_this()] { self->labour(); }))
    ++workers_;
}

expected<void> file_threads::crew::prepare() {
  std::lock_guard guard(mutex_);
  if (workers_ == 0)
    add_worker();
  if (workers_ == 0)
    return fail(error::system(EAGAIN, "pthread_create"));
  return {};
}

void file_threads::crew::labour() {
  std::unique_lock guard(mutex_);
  while (wait_for_work(guard)) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    ++taken_;
    ++busy_;
    guard.unlock();
    next->perform();
    next.reset();
    guard.lock();
    --busy_;
  }
  --workers_;
}

// False: this thread is to end.
bool file_threads::crew::wait_for_work(std::unique_lock<std::mutex>& guard) {
  while (waiting_.empty()) {
    if (stopped_)
      return false;
    const bool is_extra = workers_ > chosen_.threads_at_first;
    if (!is_extra)
      something_to_do_.wait(guard);
    else if (something_to_do_.wait_for(guard, chosen_.idle_max) == std::cv_status::timeout &&
             waiting_.empty() && workers_ > chosen_.threads_at_first)
      return false;
  }
  return true;
}

void file_threads::crew::run(std::shared_ptr<work> what) {
  std::lock_guard guard(mutex_);
  enqueue(std::move(what));
}

void file_threads::crew::enqueue(std::shared_ptr<work> what) {
  waiting_.push_back(std::move(what));
  if (waiting_.size() > free_workers() && workers_ < chosen_.threads_at_first)
    add_worker();
  if (waiting_.size() > free_workers() && !is_watched_ && have_watch()) {
    is_watched_ = true;
    taken_before_ = taken_;
    bell_->ring();
  }
  something_to_do_.notify_one();
}

void file_threads::crew::stop() {
  std::lock_guard guard(mutex_);
  stopped_ = true;
  something_to_do_.notify_all();
  if (bell_)
    bell_->ring();
}

std::size_t file_threads::crew::threads() {
  std::lock_guard guard(mutex_);
  return workers_;
}

bool file_threads::crew::has_waiting() {
  std::lock_guard guard(mutex_);
  return !waiting_.empty();
}

// -- the watch ------------------------------------------------------------------------------------

bool file_threads::crew::have_watch() {
  if (!poller_ && !make_watch())
    poller_ = {};
  return static_cast<bool>(poller_);
}

bool file_threads::crew::make_watch() {
  auto bell = wake_signal::make();
  poller_ = descriptor(::epoll_create1(EPOLL_CLOEXEC), kernel_descriptors());
  if (!bell || !poller_)
    return false;
  bell_ = std::move(*bell);
  epoll_event event{EPOLLIN | EPOLLET, {.fd = bell_->number()}};
  return ::epoll_ctl(poller_.number(), EPOLL_CTL_ADD, bell_->number(), &event) == 0 &&
         start([self = shared_from_this()] { self->keep_watch(); });
}

void file_threads::crew::keep_watch() {
  std::array<epoll_event, 64> events{};
  for (;;) {
    int count = ::epoll_wait(poller_.number(), events.data(), static_cast<int>(events.size()),
                             watch_timeout_ms());
    std::lock_guard guard(mutex_);
    for (int i = 0; i < count; ++i)
      if (events[static_cast<std::size_t>(i)].data.fd != bell_->number())
        wake_ready(events[static_cast<std::size_t>(i)].data.fd);
    if (count == 0)
      add_worker_if_stuck();
    if (stopped_ && parked_.empty() && waiting_.empty())
      return;
  }
}

int file_threads::crew::watch_timeout_ms() {
  std::lock_guard guard(mutex_);
  if (!is_watched_)
    return -1;
  return static_cast<int>(
      std::chrono::ceil<std::chrono::milliseconds>(chosen_.stuck_after).count());
}

void file_threads::crew::add_worker_if_stuck() {
  if (!waiting_.empty() && taken_ == taken_before_ && workers_ < chosen_.threads_max)
    add_worker();
  taken_before_ = taken_;
  is_watched_ = !waiting_.empty();
}

void file_threads::crew::wake_ready(int number) {
  auto found = parked_.extract(number);
  if (found.empty())
    return;
  ::epoll_ctl(poller_.number(), EPOLL_CTL_DEL, number, nullptr);
  enqueue(std::move(found.mapped()));
}

bool file_threads::crew::run_when_ready(int number, std::uint32_t events,
                                        std::shared_ptr<work> what) {
  std::lock_guard guard(mutex_);
  if (!have_watch())
    return false;
  epoll_event event{events | EPOLLONESHOT, {.fd = number}};
  // Before it is watched: the one who waits is soon told.
  parked_.emplace(number, std::move(what));
  if (::epoll_ctl(poller_.number(), EPOLL_CTL_ADD, number, &event) == 0)
    return true;
  parked_.erase(number);
  return false;
}

bool file_threads::crew::hurry(int number) {
  std::lock_guard guard(mutex_);
  const bool was_parked = parked_.contains(number);
  wake_ready(number);
  return was_parked;
}

// -- what others see ------------------------------------------------------------------------------

file_threads::file_threads(options chosen) : crew_(std::make_shared<crew>(chosen)) {}
file_threads::~file_threads() { crew_->stop(); }

std::shared_ptr<file_threads> file_threads::shared() {
  static std::mutex mutex;
  static std::weak_ptr<file_threads> ours;
  std::lock_guard guard(mutex);
  auto now = ours.lock();
  if (!now)
    ours = now = std::make_shared<file_threads>(options{});
  return now;
}

expected<void> file_threads::prepare() { return crew_->prepare(); }
void file_threads::run(std::shared_ptr<work> what) { crew_->run(std::move(what)); }
bool file_threads::run_when_ready(int number, std::uint32_t events, std::shared_ptr<work> what) {
  return crew_->run_when_ready(number, events, std::move(what));
}
bool file_threads::hurry(int number) { return crew_->hurry(number); }
bool file_threads::has_waiting() const { return crew_->has_waiting(); }
std::size_t file_threads::threads() const { return crew_->threads(); }

} // namespace actornet::net
