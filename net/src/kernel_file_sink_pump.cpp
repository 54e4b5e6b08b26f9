// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_file_sink_pump.hpp"

#include "kernel_stream.hpp"

#include <poll.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace actornet::net {

namespace {

using step = file_strand::step;

// The loop need not hear of each piece that is moved, only of life.
constexpr std::size_t report_bytes = 8 * 1024 * 1024;
constexpr auto report_after = std::chrono::milliseconds(10);
// More comes soon, as a rule. To wait for it here costs a thread a while, and to let the loop wait
// for it two hops.
constexpr int linger_ms = 1;
// Who found less in the socket has probably emptied it.
constexpr std::size_t much_bytes = 256 * 1024;

instant read_clock() noexcept {
  return instant(std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace

/// What a file thread does from when there are bytes until there are none, or until something else
/// is to be done with the file.
class file_sink_pump::burst final : public file_strand::task {
public:
  burst(std::shared_ptr<file_sink_pump> pump, int source)
      : pump_(std::move(pump)), source_(source) {}

  step run(file_strand& file) noexcept override;
  void drop() noexcept override;

private:
  enum class found { bytes, nothing, end };

  found fill();
  step empty(file_strand& file, std::unique_lock<std::mutex>& guard);
  step linger(const file_strand& file, std::unique_lock<std::mutex>& guard);
  step rest(std::unique_lock<std::mutex>& guard);
  void report(std::unique_lock<std::mutex>& guard);
  bool is_report_due() const;

  const std::shared_ptr<file_sink_pump> pump_;
  const int source_;
  bool has_moved_ = false;
  bool is_probably_drained_ = false;
};

// -- the file thread's part -----------------------------------------------------------------------

step file_sink_pump::burst::run(file_strand& file) noexcept {
  if (file.number() < 0) {
    drop();
    return step::done;
  }
  std::unique_lock guard(pump_->mutex_);
  if (pump_->halted_)
    return step::done;
  if (pump_->pipe_->bytes() > 0)
    return empty(file, guard);
  if (has_moved_ && file.is_wanted())
    return rest(guard);
  if (std::exchange(is_probably_drained_, false) && !file.others_wait())
    return linger(file, guard);
  switch (fill()) {
  case found::bytes:
    return empty(file, guard);
  case found::nothing:
    return linger(file, guard);
  case found::end:
    report(guard);
    return step::done;
  }
  return step::done;
}

// The socket is touched under the mutex, which never waits: so the loop may take it away between
// any two calls, and its number is never another's here.
file_sink_pump::burst::found file_sink_pump::burst::fill() {
  auto& pump = *pump_;
  pump.fill_with_early(*pump.pipe_);
  if (pump.pipe_->bytes() > 0)
    return found::bytes;
  const auto count = pump.fill_from_stream(source_, *pump.pipe_);
  is_probably_drained_ = count > 0 && static_cast<std::size_t>(count) < much_bytes;
  if (count > 0)
    return found::bytes;
  if (count == -EAGAIN)
    return found::nothing;
  pump.source_over_ = true;
  pump.source_trouble_ = static_cast<int>(-count);
  return found::end;
}

step file_sink_pump::burst::empty(file_strand& file, std::unique_lock<std::mutex>& guard) {
  auto& pump = *pump_;
  pump.is_running_ = true;
  guard.unlock();
  const auto count = pump.pipe_->empty_into(file.number());
  guard.lock();
  pump.is_running_ = false;
  if (count > 0)
    pump.moved_ += static_cast<std::size_t>(count);
  else if (count != -EAGAIN)
    pump.failure_ = file.failure(count < 0 ? static_cast<int>(-count) : EIO, "write");
  has_moved_ = has_moved_ || count > 0;
  pump.halted_ = pump.halted_ || pump.failure_.has_value();
  const bool waits = count <= 0; // perhaps for long: what was moved is told before
  if (pump.halted_ || is_report_due() || (waits && pump.moved_ > 0))
    report(guard);
  if (pump.halted_)
    return step::done;
  return waits ? step::when_writable : step::again;
}

step file_sink_pump::burst::linger(const file_strand& file, std::unique_lock<std::mutex>& guard) {
  auto& pump = *pump_;
  if (!file.is_wanted() && !file.others_wait()) {
    if (is_report_due())
      report(guard);
    guard.unlock();
    // Should the number have become another's meanwhile, that is found out before it is used.
    pollfd asked{source_, POLLIN, 0};
    const bool is_more = ::poll(&asked, 1, linger_ms) > 0;
    guard.lock();
    if (is_more || pump.halted_)
      return step::again;
  }
  return rest(guard);
}

// The loop has it go on when there are bytes, behind what else is to be done with the file.
step file_sink_pump::burst::rest(std::unique_lock<std::mutex>& guard) {
  pump_->is_drained_ = true;
  report(guard);
  return step::done;
}

bool file_sink_pump::burst::is_report_due() const {
  return pump_->moved_ >= report_bytes ||
         (pump_->moved_ > 0 && read_clock() - pump_->reported_ >= report_after);
}

void file_sink_pump::burst::report(std::unique_lock<std::mutex>& guard) {
  pump_->reported_ = read_clock();
  if (std::exchange(pump_->is_reported_, true))
    return;
  guard.unlock();
  pump_->ask_for_turn();
  guard.lock();
}

void file_sink_pump::burst::drop() noexcept {
  std::unique_lock guard(pump_->mutex_);
  if (pump_->halted_)
    return;
  pump_->halted_ = true;
  pump_->failure_ = error::system(ECANCELED, "write");
  pump_->failure_->address = pump_->to_->path;
  report(guard);
}

// -- the loop's part ------------------------------------------------------------------------------

file_sink_pump::file_sink_pump(kernel_backend& home, std::shared_ptr<report_inbox> inbox,
                               pump_events& events, kernel_stream& from,
                               std::shared_ptr<file_strand> to)
    : kernel_pump(home, std::move(inbox), events), from_(&from), to_(std::move(to)) {}

expected<void> file_sink_pump::begin() {
  auto made = kernel_pipe::make();
  if (!made)
    return fail(made.error());
  pipe_ = std::move(*made);
  own_itself();
  from_->tap_receiving(*this);
  return {};
}

void file_sink_pump::on_early(chunk bytes) {
  std::lock_guard guard(mutex_);
  early_.push_back(std::move(bytes));
}

void file_sink_pump::on_readable() {
  if (!is_moving() || std::exchange(is_at_work_, true))
    return;
  from_->ignore_bytes();
  auto self = std::static_pointer_cast<file_sink_pump>(shared_from_this());
  to_->submit(std::make_shared<burst>(std::move(self), from_->number()));
}

void file_sink_pump::go_on() {
  std::size_t moved = 0;
  std::optional<error> failure;
  bool is_over = false;
  {
    std::lock_guard guard(mutex_);
    is_reported_ = false;
    moved = std::exchange(moved_, 0);
    failure = failure_;
    is_over = source_over_;
    if (std::exchange(is_drained_, false))
      is_at_work_ = false;
  }
  if (is_moving() && !failure && !is_over && !is_at_work_)
    from_->await_bytes();
  has_moved_ = has_moved_ || moved > 0;
  tell_moved(moved);
  if (failure)
    tell_sink_failed(*failure, !has_moved_);
  else if (is_over && is_moving())
    tell_source_over(*from_);
}

bool file_sink_pump::halt() {
  std::lock_guard guard(mutex_);
  halted_ = true;
  return !is_running_;
}

void file_sink_pump::take_back(std::vector<chunk>& into) { pipe_->take_back(into); }

void file_sink_pump::let_go() {
  if (auto* stream = std::exchange(from_, nullptr))
    give_back(*stream);
}

} // namespace actornet::net
