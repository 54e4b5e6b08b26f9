// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_file_tasks.hpp"

#include "kernel_stream.hpp"
#include "socket_calls.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace actornet::net {

namespace {

// Non-blocking, for what can be polled; a regular file does not care. And a terminal that a server
// writes to is not to become the one that stops it.
constexpr int flags_always = O_CLOEXEC | O_NOCTTY;

int flags_of(file_use use) {
  switch (use) {
  case file_use::read:
    return O_RDONLY;
  case file_use::create_or_truncate:
    return O_WRONLY | O_CREAT | O_TRUNC;
  case file_use::create_or_append:
    return O_WRONLY | O_CREAT | O_APPEND;
  case file_use::create_new:
    return O_WRONLY | O_CREAT | O_EXCL;
  case file_use::truncate_existing:
    return O_WRONLY | O_TRUNC;
  case file_use::overwrite_existing:
    return O_WRONLY;
  }
  return O_RDONLY;
}

int open_once(const file_strand& file, int more_flags) {
  int number = -1;
  do
    number = ::open(file.path.c_str(), flags_of(file.chosen.use) | flags_always | more_flags,
                    static_cast<mode_t>(file.chosen.permissions));
  while (number < 0 && errno == EINTR);
  return number;
}

// Whoever holds a lease on the file is asked to give it up (fcntl(2)), which is worth waiting for:
// that is what EWOULDBLOCK means here.
int open_path(const file_strand& file) {
  int number = open_once(file, O_NONBLOCK);
  if (number >= 0 || errno != EWOULDBLOCK)
    return number;
  number = open_once(file, 0);
  if (number >= 0)
    ::fcntl(number, F_SETFL, ::fcntl(number, F_GETFL) | O_NONBLOCK);
  return number;
}

bool is_of_a_place(const file_options& chosen) {
  return chosen.offset != 0 &&
         (chosen.use == file_use::read || chosen.use == file_use::overwrite_existing);
}

// EINVAL and EROFS of fdatasync(2): bound to a special file that has no disk behind it.
bool has_no_disk(int number) { return number == EINVAL || number == EROFS || number == ENOTSUP; }

} // namespace

file_strand::step kernel_file::open_task::run(file_strand& file) noexcept {
  // A path is cut at a NUL by C: what is opened would not be what was said.
  if (file.path.find('\0') != std::string::npos) {
    owner().put_failure(outcome::open_failed, EINVAL, "open");
    return step::done;
  }
  const int number = open_path(file);
  if (number < 0) {
    owner().put_failure(outcome::open_failed, errno, "open");
    return step::done;
  }
  descriptor opened(number, kernel_descriptors());
  struct stat found {};
  if (::fstat(number, &found) != 0) {
    owner().put_failure(outcome::open_failed, errno, "fstat");
  } else if (S_ISDIR(found.st_mode)) { // which may be opened to be read, and then cannot be
    owner().put_failure(outcome::open_failed, EISDIR, "open");
  } else if (is_of_a_place(file.chosen) &&
             ::lseek(number, static_cast<off_t>(file.chosen.offset), SEEK_SET) < 0) {
    owner().put_failure(outcome::open_failed, errno, "lseek");
  } else {
    file.hold(std::move(opened));
    news what{.what = outcome::opened};
    what.facts.is_regular = S_ISREG(found.st_mode);
    what.facts.size = what.facts.is_regular ? static_cast<std::uint64_t>(found.st_size) : 0;
    owner().put(std::move(what));
  }
  return step::done;
}

// -- writing --------------------------------------------------------------------------------------

file_strand::step kernel_file::write_task::run(file_strand& file) noexcept {
  send_frame frame;
  {
    std::lock_guard guard(owner().mutex_);
    if (owner().broken_ || owner().unwritten_.empty()) {
      ended = true;
      return step::done;
    }
    // Chunks stay where they are: only this thread takes them out, and others only append.
    frame.fill(owner().unwritten_);
  }
  const auto& message = frame.message();
  const auto count = ::writev(file.number(), message.msg_iov, static_cast<int>(message.msg_iovlen));
  if (count > 0)
    return wrote(static_cast<std::size_t>(count));
  if (count < 0 && errno == EINTR)
    return step::again;
  if (count < 0 && errno == EAGAIN)
    return step::when_writable;
  // A device that takes nothing and says nothing would be asked for ever.
  owner().put_failure(outcome::failed, count < 0 ? errno : EIO, "write");
  return step::again;
}

file_strand::step kernel_file::write_task::wrote(std::size_t bytes) {
  {
    std::lock_guard guard(owner().mutex_);
    owner().unwritten_.pop(bytes);
    // What belongs to a later task may have gone along with it, which then has less to do.
    left -= std::min(left, bytes);
    ended = left == 0 || owner().unwritten_.empty();
  }
  owner().put({.what = outcome::written, .bytes = bytes});
  return ended ? step::done : step::again;
}

file_strand::step kernel_file::sync_task::run(file_strand& file) noexcept {
  if (owner().is_broken())
    return step::done;
  if (::fdatasync(file.number()) == 0)
    owner().put({.what = outcome::synced});
  else if (errno == EINTR)
    return step::again;
  else
    owner().put_failure(has_no_disk(errno) ? outcome::sync_failed : outcome::failed, errno,
                        "fdatasync");
  return step::done;
}

// -- reading --------------------------------------------------------------------------------------

file_strand::step kernel_file::read_task::run(file_strand& file) noexcept {
  if (owner().is_broken())
    return step::done;
  std::vector<iovec> pieces;
  auto wanted = file.unread;
  for (const auto& each : blocks_) {
    pieces.push_back({each.data, static_cast<std::size_t>(std::min<std::uint64_t>(
                                     wanted, buffer_pool::options{}.block_bytes))});
    wanted -= pieces.back().iov_len;
  }
  const auto count = ::readv(file.number(), pieces.data(), static_cast<int>(pieces.size()));
  if (count < 0 && errno == EINTR)
    return step::again;
  if (count < 0 && errno == EAGAIN)
    return step::when_readable;
  if (count >= 0) {
    const auto bytes = static_cast<std::size_t>(count);
    file.unread -= bytes;
    put(bytes, bytes == 0 || file.unread == 0);
  } else {
    news what{.what = outcome::read};
    what.why = file.failure(errno, "read");
    what.is_end = true;
    owner().put(std::move(what));
  }
  return step::done;
}

void kernel_file::read_task::put(std::size_t bytes, bool is_end) {
  news what{.what = outcome::read};
  for (auto& each : blocks_) {
    const auto size = std::min(bytes, buffer_pool::options{}.block_bytes);
    if (size == 0)
      break;
    what.blocks.push_back({std::move(each), size});
    bytes -= size;
  }
  what.is_end = is_end;
  owner().put(std::move(what));
}

// -- the end --------------------------------------------------------------------------------------

// What close(2) says is told of writes before, by file systems that are somewhere else. The
// descriptor is gone in any case.
file_strand::step kernel_file::finish_task::run(file_strand& file) noexcept {
  if (owner().is_broken())
    return step::done;
  if (::close(file.release()) != 0 && errno != EINTR)
    owner().put_failure(outcome::failed, errno, "close");
  else
    owner().put({.what = outcome::closed});
  return step::done;
}

} // namespace actornet::net
