// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_file.hpp"

#include "inline_block.hpp"
#include "kernel_backend.hpp"
#include "kernel_file_tasks.hpp"

#include <algorithm>

namespace actornet::net {

namespace {

// What one task reads; twice that is read ahead at most.
constexpr std::size_t blocks_per_read = 2;

} // namespace

kernel_file::kernel_file(kernel_backend& home, std::shared_ptr<report_inbox> inbox,
                         std::shared_ptr<file_strand> strand, file_events& events)
    : home_(home), inbox_(std::move(inbox)), strand_(std::move(strand)), events_(&events) {}

void kernel_file::begin(const expected<void>& prepared) {
  self_ = shared_from_this();
  if (prepared)
    return strand_->submit(std::make_shared<open_task>(self_));
  auto why = prepared.error();
  why.address = strand_->path;
  news what{.what = outcome::open_failed};
  what.why = std::move(why);
  put(std::move(what));
}

// -- writing --------------------------------------------------------------------------------------

void kernel_file::write(chunk bytes) {
  if (bytes.empty() || failure_told_)
    return;
  const auto size = bytes.size();
  unwritten_bytes_ += size;
  std::shared_ptr<write_task> fresh;
  {
    std::lock_guard guard(mutex_);
    unwritten_.push(std::move(bytes));
    if (auto last = last_write_.lock(); last && !last->ended)
      last->left += size;
    else
      last_write_ = fresh = std::make_shared<write_task>(shared_from_this(), size);
  }
  if (fresh)
    strand_->submit(std::move(fresh));
}

void kernel_file::sync() {
  if (failure_told_)
    return;
  {
    std::lock_guard guard(mutex_);
    last_write_.reset(); // what is written from now on is not what it waits for
  }
  strand_->submit(std::make_shared<sync_task>(shared_from_this()));
}

std::vector<chunk> kernel_file::take_unwritten() {
  std::vector<chunk> taken;
  if (!failure_told_)
    return taken;
  unwritten_bytes_ = 0;
  std::lock_guard guard(mutex_);
  auto offset = unwritten_.offset();
  for (const auto& each : unwritten_)
    taken.push_back(each.slice(std::exchange(offset, 0)));
  unwritten_.clear();
  return taken;
}

void kernel_file::finish() {
  if (failure_told_)
    return;
  {
    std::lock_guard guard(mutex_);
    last_write_.reset();
  }
  strand_->submit(std::make_shared<finish_task>(shared_from_this()));
}

// -- reading --------------------------------------------------------------------------------------

void kernel_file::start_reading() {
  if (failure_told_ || read_end_told_)
    return;
  reading_ = reading::on;
  note_reading();
  read_ahead();
  if (!arrived_.empty() || read_is_over_)
    put({.what = outcome::read}); // a turn of the loop, to tell it
}

void kernel_file::stop_reading() {
  reading_ = reading::off;
  note_reading();
}

void kernel_file::read_no_further() {
  if (failure_told_ || read_end_told_)
    return;
  reading_ = reading::rest;
  note_reading();
  if (!arrived_.empty() || read_is_over_)
    put({.what = outcome::read});
}

// Whether pumps have to wait.
void kernel_file::note_reading() {
  strand_->is_read = reading_ == reading::on || read_under_way_ || !arrived_.empty();
}

void kernel_file::read_ahead() {
  if (reading_ != reading::on || read_under_way_ || read_is_over_ ||
      arrived_.size() >= blocks_per_read)
    return;
  read_under_way_ = true;
  std::vector<buffer_pool::lent_block> blocks;
  for (std::size_t i = 0; i < blocks_per_read; ++i)
    blocks.push_back(home_.buffers().lend());
  strand_->submit(std::make_shared<read_task>(shared_from_this(), std::move(blocks)));
}

// A few bytes must not keep a large block alive, as with what a stream receives.
chunk kernel_file::to_chunk(filled_block& filled) {
  if (filled.size < buffer_pool::options{}.copy_below_bytes)
    return inline_block::copy_of({filled.memory.data, filled.size}, window_);
  filled.memory.owner->charge(window_);
  return chunk::of(std::move(filled.memory.owner), filled.memory.data, filled.size);
}

void kernel_file::deliver_read() {
  for (auto most = arrived_.size();
       is_open_ && reading_ != reading::off && !arrived_.empty() && most > 0; --most) {
    auto bytes = to_chunk(arrived_.front());
    arrived_.pop_front();
    read_ahead();
    note_reading();
    events_->on_read(std::move(bytes));
  }
  if (!is_open_ || reading_ == reading::off || !arrived_.empty() || !read_is_over_)
    return;
  reading_ = reading::off;
  read_end_told_ = true;
  note_reading();
  if (!read_failure_)
    return events_->on_read_end();
  break_off();
  events_->on_failed(*read_failure_);
}

// -- what file threads have done ------------------------------------------------------------------

void kernel_file::put(news what) {
  {
    std::lock_guard guard(mutex_);
    if (what.what == outcome::written && !news_.empty() && news_.back().what == what.what)
      news_.back().bytes += what.bytes;
    else
      news_.push_back(std::move(what));
    if (std::exchange(is_reported_, true))
      return;
  }
  inbox_->put(shared_from_this());
}

void kernel_file::put_failure(outcome what, int number, std::string_view syscall) {
  if (what != outcome::sync_failed) {
    std::lock_guard guard(mutex_);
    broken_ = true;
  }
  news failed{.what = what};
  failed.why = strand_->failure(number, syscall);
  put(std::move(failed));
}

bool kernel_file::is_broken() {
  std::lock_guard guard(mutex_);
  return broken_;
}

void kernel_file::tell() {
  std::vector<news> now;
  {
    std::lock_guard guard(mutex_);
    is_reported_ = false;
    now.swap(news_);
  }
  for (auto& each : now)
    if (is_open_ && !failure_told_)
      tell_one(each);
}

void kernel_file::break_off() {
  failure_told_ = true;
  std::lock_guard guard(mutex_);
  broken_ = true;
}

void kernel_file::tell_one(news& what) {
  home_.told();
  switch (what.what) {
  case outcome::opened:
    return events_->on_opened(what.facts);
  case outcome::open_failed:
    break_off();
    return events_->on_open_failed(*what.why);
  case outcome::written:
    unwritten_bytes_ -= what.bytes;
    return events_->on_written(what.bytes);
  case outcome::synced:
    return events_->on_synced();
  case outcome::sync_failed:
    return events_->on_sync_failed(*what.why);
  case outcome::read:
    if (!what.blocks.empty() || what.is_end)
      read_under_way_ = false;
    for (auto& each : what.blocks)
      arrived_.push_back(std::move(each));
    read_is_over_ = read_is_over_ || what.is_end;
    if (what.why)
      read_failure_ = std::move(what.why);
    read_ahead();
    note_reading();
    return deliver_read();
  case outcome::failed:
    break_off();
    return events_->on_failed(*what.why);
  case outcome::closed:
    return events_->on_closed();
  }
}

void kernel_file::close() {
  is_open_ = false;
  reading_ = reading::off;
  strand_->abandon();
  arrived_.clear();
  auto last = std::exchange(self_, nullptr);
}

} // namespace actornet::net
