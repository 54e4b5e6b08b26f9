// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_file_source_pump.hpp"

#include "kernel_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace actornet::net {

namespace {

constexpr std::size_t pipes = 2;
// As with sends: one stream takes so many calls of a turn.
constexpr int sends_per_turn_max = 4;

} // namespace

/// One pipe to be filled from the file.
class file_source_pump::load final : public file_strand::task {
public:
  load(std::shared_ptr<file_source_pump> home, std::unique_ptr<kernel_pipe> empty)
      : pipe(std::move(empty)), home_(std::move(home)) {}

  file_strand::step run(file_strand& file) noexcept override;
  void drop() noexcept override;

  std::unique_ptr<kernel_pipe> pipe;
  bool is_done = false; // guarded by the pump's mutex

private:
  file_strand::step loaded(std::ptrdiff_t count, file_strand& file);
  void report(std::unique_lock<std::mutex>& guard);

  const std::shared_ptr<file_source_pump> home_;
};

// -- the file thread's part -----------------------------------------------------------------------

file_strand::step file_source_pump::load::run(file_strand& file) noexcept {
  if (file.number() < 0) {
    drop();
    return file_strand::step::done;
  }
  {
    std::lock_guard guard(home_->mutex_);
    if (home_->halted_ || home_->is_read_)
      return file_strand::step::done;
    home_->is_running_ = true;
  }
  const auto most = std::min<std::uint64_t>(file.unread, kernel_pipe::bytes_wanted);
  return loaded(most == 0 ? 0 : pipe->fill_from(file.number(), static_cast<std::size_t>(most)),
                file);
}

file_strand::step file_source_pump::load::loaded(std::ptrdiff_t count, file_strand& file) {
  std::unique_lock guard(home_->mutex_);
  home_->is_running_ = false;
  is_done = count != -EAGAIN;
  if (count > 0)
    file.unread -= static_cast<std::uint64_t>(count);
  else if (count == 0)
    home_->is_read_ = true;
  else if (is_done)
    home_->failure_ = file.failure(static_cast<int>(-count), "read");
  home_->halted_ = home_->halted_ || home_->failure_.has_value();
  if (is_done || home_->halted_) {
    report(guard);
    return file_strand::step::done;
  }
  return file_strand::step::when_readable;
}

void file_source_pump::load::drop() noexcept {
  std::unique_lock guard(home_->mutex_);
  if (home_->halted_)
    return;
  home_->halted_ = true;
  home_->failure_ = error::system(ECANCELED, "read");
  home_->failure_->address = home_->from_->path;
  report(guard);
}

void file_source_pump::load::report(std::unique_lock<std::mutex>& guard) {
  if (std::exchange(home_->is_reported_, true))
    return;
  guard.unlock();
  home_->ask_for_turn();
  guard.lock();
}

// -- the loop's part ------------------------------------------------------------------------------

expected<void> file_source_pump::begin() {
  std::vector<std::unique_ptr<kernel_pipe>> made;
  for (std::size_t i = 0; i < pipes; ++i) {
    auto each = kernel_pipe::make();
    if (!each)
      return fail(each.error());
    made.push_back(std::move(*each));
  }
  own_itself();
  to_->tap_sending(*this);
  for (auto& each : made)
    submit(std::move(each));
  return {};
}

void file_source_pump::submit(std::unique_ptr<kernel_pipe> empty) {
  auto self = std::static_pointer_cast<file_source_pump>(shared_from_this());
  loading_.push_back(std::make_shared<load>(std::move(self), std::move(empty)));
  from_->submit(loading_.back());
}

void file_source_pump::on_writable() {
  auto alive = shared_from_this();
  is_blocked_ = false;
  if (is_moving())
    send_some();
}

void file_source_pump::go_on() {
  {
    std::lock_guard guard(mutex_);
    is_reported_ = false;
    source_over_ = is_read_ || failure_;
    source_failure_ = failure_;
    while (!loading_.empty() && loading_.front()->is_done) {
      full_.push_back(std::move(loading_.front()->pipe));
      loading_.pop_front();
    }
  }
  if (is_moving() && !is_blocked_)
    send_some();
}

void file_source_pump::send_some() {
  for (int i = 0; i < sends_per_turn_max && !full_.empty(); ++i) {
    auto result = pour(*full_.front(), *to_);
    is_blocked_ = result.is_blocked;
    is_first_ = is_first_ && result.bytes == 0;
    if (result.why)
      to_->sending_was_broken(*result.why);
    else if (full_.front()->bytes() == 0) {
      auto empty = std::move(full_.front());
      full_.pop_front();
      if (!source_over_)
        submit(std::move(empty));
    }
    tell_moved(result.bytes);
    if (is_blocked_)
      tell_blocked();
    if (!is_moving())
      return;
    if (result.why)
      return tell_sink_failed(*result.why, false);
    if (is_blocked_)
      return;
  }
  if (!full_.empty())
    return to_->send_again();
  tell_if_over();
}

void file_source_pump::tell_if_over() {
  if (!source_over_ || !full_.empty())
    return;
  // A file that cannot be spliced is no failure of the source.
  if (source_failure_ && is_first_ && source_failure_->number == EINVAL)
    return tell_sink_failed(*source_failure_, true);
  tell_source_over(source_failure_);
}

bool file_source_pump::halt() {
  std::lock_guard guard(mutex_);
  halted_ = true;
  return !is_running_;
}

void file_source_pump::take_back(std::vector<chunk>& into) {
  for (auto& each : full_)
    each->take_back(into);
  full_.clear();
  for (auto& each : loading_)
    each->pipe->take_back(into);
  loading_.clear();
}

// As with a file that is the sink.
void file_source_pump::let_go() {
  loading_.clear();
  release_sink();
}

void file_source_pump::release_sink() {
  if (auto* stream = std::exchange(to_, nullptr))
    stream->untap_sending();
}

} // namespace actornet::net
