// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_file_sink_pump.hpp"

#include "kernel_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace actornet::net {

namespace {

constexpr std::size_t pipes = 2;
// As with receives: one stream takes so many calls of a turn.
constexpr int fills_per_turn_max = 4;
// What is worth a thread's attention while it has other bytes to move.
constexpr std::size_t much_bytes = kernel_pipe::bytes_wanted / 2;

} // namespace

/// One pipe's way into the file.
class file_sink_pump::drain final : public file_strand::task {
public:
  drain(std::shared_ptr<file_sink_pump> home, std::unique_ptr<kernel_pipe> full)
      : pipe(std::move(full)), home_(std::move(home)) {}

  file_strand::step run(file_strand& file) noexcept override;
  void drop() noexcept override;

  std::unique_ptr<kernel_pipe> pipe;
  bool is_done = false; // guarded by the pump's mutex

private:
  file_strand::step moved(std::ptrdiff_t count, file_strand& file);
  void report(std::unique_lock<std::mutex>& guard);

  const std::shared_ptr<file_sink_pump> home_;
};

// -- the file thread's part -----------------------------------------------------------------------

file_strand::step file_sink_pump::drain::run(file_strand& file) noexcept {
  if (file.number() < 0) {
    drop();
    return file_strand::step::done;
  }
  {
    std::lock_guard guard(home_->mutex_);
    if (home_->halted_)
      return file_strand::step::done;
    home_->is_running_ = true;
  }
  return moved(pipe->empty_into(file.number()), file);
}

file_strand::step file_sink_pump::drain::moved(std::ptrdiff_t count, file_strand& file) {
  std::unique_lock guard(home_->mutex_);
  home_->is_running_ = false;
  if (count > 0)
    home_->moved_ += static_cast<std::size_t>(count);
  else if (count != -EAGAIN)
    home_->failure_ = file.failure(count < 0 ? static_cast<int>(-count) : EIO, "write");
  is_done = pipe->bytes() == 0;
  const bool is_halted = home_->halted_ = home_->halted_ || home_->failure_.has_value();
  if (count > 0 || is_halted)
    report(guard);
  if (is_done || is_halted)
    return file_strand::step::done;
  return count > 0 ? file_strand::step::again : file_strand::step::when_writable;
}

void file_sink_pump::drain::drop() noexcept {
  std::unique_lock guard(home_->mutex_);
  if (home_->halted_)
    return;
  home_->halted_ = true;
  home_->failure_ = error::system(ECANCELED, "write");
  home_->failure_->address = home_->to_->path;
  report(guard);
}

void file_sink_pump::drain::report(std::unique_lock<std::mutex>& guard) {
  if (std::exchange(home_->is_reported_, true))
    return;
  guard.unlock();
  home_->ask_for_turn();
  guard.lock();
}

// -- the loop's part ------------------------------------------------------------------------------

file_sink_pump::file_sink_pump(kernel_backend& home, std::shared_ptr<report_inbox> inbox,
                               pump_events& events, kernel_stream& from,
                               std::shared_ptr<file_strand> to)
    : kernel_pump(home, std::move(inbox), events), from_(&from), to_(std::move(to)) {}

expected<void> file_sink_pump::begin() {
  for (std::size_t i = 0; i < pipes; ++i) {
    auto made = kernel_pipe::make();
    if (!made)
      return fail(made.error());
    idle_.push_back(std::move(*made));
  }
  own_itself();
  from_->tap_receiving(*this);
  return {};
}

void file_sink_pump::on_readable() {
  auto alive = shared_from_this();
  if (is_moving())
    fill_some();
}

void file_sink_pump::fill_some() {
  for (int i = 0; i < fills_per_turn_max && !source_over_; ++i) {
    if (!filling_ && idle_.empty())
      return;
    if (!filling_) {
      filling_ = std::move(idle_.back());
      idle_.pop_back();
    }
    const bool more = fill(*from_, *filling_) > 0;
    const bool is_full = !more && !source_over_ && !from_->awaits_bytes();
    hand_over();
    if (!more && !is_full)
      break;
    if (filling_ && is_full) // it goes when the file thread has emptied another
      return;
    if (i + 1 == fills_per_turn_max)
      from_->read_again();
  }
  tell_if_over();
}

// As soon as the file thread has nothing to do; and ahead of that, if there is much.
void file_sink_pump::hand_over() {
  if (!filling_ || filling_->bytes() == 0)
    return;
  if (!draining_.empty() && filling_->bytes() < much_bytes && !source_over_)
    return;
  auto self = std::static_pointer_cast<file_sink_pump>(shared_from_this());
  draining_.push_back(std::make_shared<drain>(std::move(self), std::move(filling_)));
  to_->submit(draining_.back());
}

void file_sink_pump::go_on() {
  std::size_t moved = 0;
  std::optional<error> failure;
  {
    std::lock_guard guard(mutex_);
    is_reported_ = false;
    moved = std::exchange(moved_, 0);
    failure = failure_;
    while (!draining_.empty() && draining_.front()->is_done) {
      idle_.push_back(std::move(draining_.front()->pipe));
      draining_.pop_front();
    }
  }
  const bool is_first = std::exchange(is_first_, is_first_ && moved == 0);
  if (is_moving() && !failure) {
    hand_over(); // first of all: the file thread waits for it
    if (!source_over_ && !from_->awaits_bytes())
      from_->read_again();
  }
  tell_moved(moved);
  if (failure)
    tell_sink_failed(*failure, is_first && moved == 0);
  tell_if_over();
}

void file_sink_pump::tell_if_over() {
  if (!source_over_ || !is_moving() || !draining_.empty() || !early_.empty() ||
      (filling_ && filling_->bytes() > 0))
    return;
  from_->receiving_is_over();
  tell_source_over(source_failure_);
}

bool file_sink_pump::halt() {
  std::lock_guard guard(mutex_);
  halted_ = true;
  return !is_running_;
}

void file_sink_pump::take_back(std::vector<chunk>& into) {
  for (auto& each : draining_)
    each->pipe->take_back(into);
  draining_.clear();
  if (filling_)
    filling_->take_back(into);
}

// The tasks keep the pump alive, not the other way round: the file has those that it has yet to
// look at, and finds them halted.
void file_sink_pump::let_go() {
  draining_.clear();
  if (auto* stream = std::exchange(from_, nullptr))
    stream->untap_receiving();
}

} // namespace actornet::net
