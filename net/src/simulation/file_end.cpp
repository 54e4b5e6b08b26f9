// SPDX-License-Identifier: BSD-3-Clause
#include "file_end.hpp"

#include "kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace actornet::net::simulation {

error file_end::failure(int number, std::string_view syscall) const {
  note(std::string(syscall) + " failed " + std::to_string(number));
  auto why = error::system(number, syscall);
  why.address = path;
  return why;
}

void file_end::note(std::string_view what) const {
  home_.note("file " + path + " " + std::string(what));
}

// -- one after the other --------------------------------------------------------------------------

void file_end::submit(task what) {
  if (abandoned_) {
    if (what.drop)
      what.drop();
    return;
  }
  tasks_.push_back(std::move(what));
  step_later();
}

void file_end::step_later() {
  if (tasks_.empty() || std::exchange(is_busy_, true))
    return;
  home_.time().at(home_.time().now() + home_.latency(),
                  [self = shared_from_this()] { self->take_step(); });
}

void file_end::take_step() {
  if (abandoned_)
    return;
  auto node = node_ ? node_ : home_.files().find(path);
  if (node && node->hangs) {
    node->waiting.push_back([self = shared_from_this()] { self->take_step(); });
    return;
  }
  auto step = tasks_.front().step;
  const bool done = step();
  is_busy_ = false;
  if (abandoned_)
    return;
  if (done)
    tasks_.pop_front();
  step_later();
}

void file_end::abandon() {
  abandoned_ = true;
  close();
  for (auto& each : std::exchange(tasks_, {}))
    if (each.drop)
      each.drop();
}

int file_end::why_no_pump_into() const noexcept {
  if (chosen.use == file_use::read)
    return EBADF;
  return chosen.use == file_use::create_or_append ? EINVAL : 0;
}

int file_end::why_no_pump_out_of() const noexcept {
  if (chosen.use != file_use::read)
    return EBADF;
  return is_read ? EBUSY : 0;
}

// -- calls ----------------------------------------------------------------------------------------

expected<file_facts> file_end::open() {
  auto& files = home_.files();
  if (path.find('\0') != std::string::npos)
    return fail(failure(EINVAL, "open"));
  if (int number = files.open_failure(path); number != 0)
    return fail(failure(number, "open"));
  const bool is_there = files.find(path) != nullptr;
  if (is_there && chosen.use == file_use::create_new)
    return fail(failure(EEXIST, "open"));
  if (!is_there && chosen.use != file_use::create_new &&
      chosen.use != file_use::create_or_truncate && chosen.use != file_use::create_or_append)
    return fail(failure(ENOENT, "open"));
  node_ = files.find_or_make(path);
  if (chosen.use == file_use::create_or_truncate || chosen.use == file_use::truncate_existing)
    node_->bytes.clear();
  if (chosen.use == file_use::read || chosen.use == file_use::overwrite_existing)
    position_ = chosen.offset;
  note("opened");
  return file_facts{node_->bytes.size(), true};
}

expected<std::size_t> file_end::write(std::string_view bytes) {
  if (int number = node_->take_failure(); number != 0)
    return fail(failure(number, "write"));
  auto& dice = home_.dice();
  auto count = bytes.size();
  if (dice.chance(home_.chosen().partial_send_chance))
    count = dice.between(1, count);
  if (chosen.use == file_use::create_or_append)
    position_ = node_->bytes.size();
  const auto end = std::max<std::uint64_t>(node_->bytes.size(), position_);
  const auto room = home_.files().room();
  // Only what makes the file longer needs room.
  if (position_ + count > end && position_ + count - end > room)
    count = static_cast<std::size_t>(end + room - position_);
  if (count == 0)
    return fail(failure(ENOSPC, "write"));
  const auto at = static_cast<std::size_t>(position_);
  if (node_->bytes.size() < at + count) {
    home_.files().use(at + count - static_cast<std::size_t>(end));
    node_->bytes.resize(at + count);
  }
  node_->bytes.replace(at, count, bytes.substr(0, count));
  position_ += count;
  note("wrote " + std::to_string(count));
  return count;
}

expected<std::string> file_end::read(std::size_t most) {
  if (int number = node_->take_failure(); number != 0)
    return fail(failure(number, "read"));
  if (position_ >= node_->bytes.size() || unread_ == 0)
    return std::string();
  auto count = std::min<std::uint64_t>({most, node_->bytes.size() - position_, unread_});
  auto& dice = home_.dice();
  if (dice.chance(home_.chosen().partial_receive_chance))
    count = dice.between(1, count);
  auto taken =
      node_->bytes.substr(static_cast<std::size_t>(position_), static_cast<std::size_t>(count));
  position_ += count;
  unread_ -= count;
  note("read " + std::to_string(count));
  return taken;
}

expected<void> file_end::sync() {
  if (int number = node_->take_failure(); number != 0)
    return fail(failure(number, "fdatasync"));
  node_->synced_bytes = node_->bytes.size();
  note("synced");
  return {};
}

} // namespace actornet::net::simulation
