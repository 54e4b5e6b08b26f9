// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"

#include "inline_block.hpp"

#include <cerrno>
#include <utility>

namespace actornet::net::simulation {

namespace {

constexpr std::size_t read_bytes_max = 64 * 1024;
constexpr std::size_t ahead_max = 2; // chunks

} // namespace

// A step that comes when the file is closed finds it given up; `this` lives while it is not.
void file::submit(std::function<bool()> step) {
  end_->submit({[self = shared_from_this(), step = std::move(step)] { return step(); }, {}});
}

void file::tell(telling what) {
  if (closed)
    return;
  to_tell_.push_back(std::move(what));
  home_.call_next_turn(*this);
}

void file::on_turn() {
  for (auto& each : std::exchange(to_tell_, {}))
    if (!closed && !failure_told_)
      each();
}

void file::break_off(error why) {
  broken_ = true;
  tell([this, why = std::move(why)] {
    failure_told_ = true;
    events_->on_failed(why);
  });
}

// -- opening --------------------------------------------------------------------------------------

void file::begin() {
  submit([this] {
    open();
    return true;
  });
}

void file::open() {
  auto& network = home_.home();
  auto facts = expected<file_facts>();
  if (network.descriptors().is_full()) {
    auto why = error::system(EMFILE, "open");
    why.address = end_->path;
    facts = fail(std::move(why));
  } else {
    facts = end_->open();
  }
  if (facts) {
    number_ = network.open(end_);
    return tell([this, facts = *facts] { events_->on_opened(facts); });
  }
  broken_ = true;
  tell([this, why = facts.error()] {
    failure_told_ = true;
    events_->on_open_failed(why);
  });
}

// -- writing --------------------------------------------------------------------------------------

void file::write(chunk bytes) {
  if (bytes.empty() || failure_told_)
    return;
  unwritten_bytes_ += bytes.size();
  unwritten_.push_back(std::move(bytes));
  if (!std::exchange(write_under_way_, true))
    submit([this] { return write_some(); });
}

bool file::write_some() {
  if (broken_ || unwritten_.empty()) {
    write_under_way_ = false;
    return true;
  }
  auto& first = unwritten_.front();
  auto count = end_->write(first.view());
  if (!count) {
    break_off(std::move(count.error()));
    return true;
  }
  first = first.slice(*count);
  if (first.empty())
    unwritten_.pop_front();
  tell([this, count = *count] {
    unwritten_bytes_ -= count;
    events_->on_written(count);
  });
  write_under_way_ = !unwritten_.empty();
  return !write_under_way_;
}

std::vector<chunk> file::take_unwritten() {
  std::vector<chunk> taken;
  if (!failure_told_)
    return taken;
  unwritten_bytes_ = 0;
  taken.assign(unwritten_.begin(), unwritten_.end());
  unwritten_.clear();
  return taken;
}

void file::sync() {
  if (!failure_told_)
    submit([this] {
      if (!broken_)
        sync_all();
      return true;
    });
}

void file::sync_all() {
  auto synced = end_->sync();
  if (synced)
    return tell([this] { events_->on_synced(); });
  if (synced.error().number != EINVAL)
    return break_off(std::move(synced.error()));
  tell([this, why = synced.error()] { events_->on_sync_failed(why); });
}

// -- reading --------------------------------------------------------------------------------------

void file::start_reading() {
  if (failure_told_ || read_end_told_)
    return;
  reading_ = reading::on;
  note_reading();
  read_ahead();
  tell([this] { deliver_read(); });
}

void file::stop_reading() {
  reading_ = reading::off;
  note_reading();
}

void file::read_no_further() {
  if (failure_told_ || read_end_told_)
    return;
  reading_ = reading::rest;
  note_reading();
  tell([this] { deliver_read(); });
}

// Whether pumps have to wait.
void file::note_reading() {
  end_->is_read = reading_ == reading::on || read_under_way_ || !arrived_.empty();
}

void file::read_ahead() {
  if (reading_ != reading::on || read_is_over_ || arrived_.size() >= ahead_max ||
      std::exchange(read_under_way_, true))
    return;
  submit([this] { return read_some(); });
}

bool file::read_some() {
  read_under_way_ = false;
  if (broken_)
    return true;
  auto bytes = end_->read(read_bytes_max);
  read_is_over_ = !bytes || bytes->empty();
  if (!bytes)
    read_failure_ = std::move(bytes.error());
  else if (!bytes->empty())
    arrived_.push_back(chunk::from(std::move(*bytes)));
  read_ahead();
  note_reading();
  tell([this] { deliver_read(); });
  return true;
}

void file::deliver_read() {
  while (!closed && reading_ != reading::off && !arrived_.empty()) {
    auto bytes = inline_block::copy_of(arrived_.front().bytes(), window_);
    arrived_.pop_front();
    read_ahead();
    note_reading();
    events_->on_read(std::move(bytes));
  }
  if (closed || reading_ == reading::off || !arrived_.empty() || !read_is_over_)
    return;
  reading_ = reading::off;
  read_end_told_ = true;
  note_reading();
  if (!read_failure_)
    return events_->on_read_end();
  broken_ = failure_told_ = true;
  events_->on_failed(*read_failure_);
}

// -- the end --------------------------------------------------------------------------------------

void file::finish() {
  if (failure_told_)
    return;
  submit([this] {
    if (broken_)
      return true;
    number_ = {};
    tell([this] { events_->on_closed(); });
    return true;
  });
}

void file::close() {
  reading_ = reading::off;
  number_ = {};
  end_->abandon();
  let_go();
}

} // namespace actornet::net::simulation
