// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_pump.hpp"

#include "kernel_backend.hpp"
#include "kernel_stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace actornet::net {

namespace {

bool is_readable(int number) noexcept {
  pollfd asked{number, POLLIN, 0};
  return ::poll(&asked, 1, 0) > 0;
}

std::ptrdiff_t receive_now(int number, std::span<std::byte> into) noexcept {
  ssize_t count = 0;
  do
    count = ::recv(number, into.data(), into.size(), MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  return count < 0 ? -errno : count;
}

// What splice(2) says of files that it cannot move bytes into: those that are appended to, and
// those of file systems, or devices, that do not have it.
bool is_refusal(const error& why) noexcept {
  return why.number == EINVAL || why.number == EOPNOTSUPP || why.number == ENOSYS;
}

} // namespace

// -- the end --------------------------------------------------------------------------------------

void kernel_pump::stop() {
  phase_ = phase::stopping;
  halt();
  release_sink();
  ask_for_turn();
}

void kernel_pump::close() {
  is_open_ = false;
  halt();
  let_go();
  auto last = std::exchange(self_, nullptr);
}

void kernel_pump::tell() {
  if (!is_open_)
    return;
  home_.told();
  // First: what a thread has moved until it halted is told by `go_on`.
  const bool has_halted = phase_ == phase::stopping && halt();
  go_on();
  if (is_open_ && phase_ == phase::stopping && has_halted)
    answer_stop();
}

void kernel_pump::answer_stop() {
  phase_ = phase::stopped;
  std::vector<chunk> taken;
  take_back(taken);
  for (auto& each : std::exchange(early_, {}))
    taken.push_back(std::move(each));
  let_go();
  events_->on_stopped(std::move(taken));
}

// -- telling --------------------------------------------------------------------------------------

void kernel_pump::tell_moved(std::size_t bytes) {
  if (!is_open_ || bytes == 0)
    return;
  home_.told();
  events_->on_moved(bytes);
}

void kernel_pump::tell_blocked() {
  if (!is_moving())
    return;
  home_.told();
  events_->on_blocked();
}

void kernel_pump::tell_source_over(const std::optional<error>& why) {
  if (!is_moving())
    return;
  phase_ = phase::over;
  home_.told();
  if (why)
    events_->on_source_failed(*why);
  else
    events_->on_source_end();
}

// After a reset that a send was told of, splice(2) answers like after FIN.
void kernel_pump::tell_source_over(kernel_stream& from) {
  if (source_trouble_ != 0)
    from.remember_break(source_trouble_);
  std::optional<error> why;
  if (from.broken_by() != 0)
    why = error::system(from.broken_by(), "read");
  from.receiving_is_over();
  tell_source_over(why);
}

void kernel_pump::give_back(kernel_stream& from) {
  if (source_trouble_ != 0)
    from.remember_break(source_trouble_);
  from.untap_receiving();
}

void kernel_pump::tell_sink_failed(const error& why, bool is_first) {
  if (!is_moving())
    return;
  phase_ = phase::over;
  halt();
  home_.told();
  if (is_first && is_refusal(why))
    events_->on_refused(why);
  else
    events_->on_sink_failed(why);
}

// -- moving ---------------------------------------------------------------------------------------

// splice(2) does not pass a byte that was sent out of band (tcp_read_sock() in the kernel): it says
// EAGAIN there, or 0 if FIN is behind, whatever else is. recv(2) passes it. For that the pipe has
// to be empty: then what was received has room.
std::ptrdiff_t kernel_pump::fill_from_stream(int number, kernel_pipe& into) {
  const auto count = into.fill_from(number, kernel_pipe::bytes_wanted);
  if (into.bytes() > 0 || (count != 0 && count != -EAGAIN))
    return count;
  std::array<std::byte, 1024> piece;
  const auto received = receive_now(number, piece);
  if (received <= 0)
    return received;
  early_.push_back(chunk::copy_of(std::span(piece).first(static_cast<std::size_t>(received))));
  fill_with_early(into);
  return into.bytes() > 0 ? received : -EAGAIN;
}

// EAGAIN of splice(2) means that the socket has none or that the pipe has no room. Only for the
// first is there a new edge later, so it must be known.
std::size_t kernel_pump::fill(kernel_stream& from, kernel_pipe& into) {
  fill_with_early(into);
  if (!early_.empty())
    return 0;
  const auto count = fill_from_stream(from.number(), into);
  if (count > 0)
    return static_cast<std::size_t>(count);
  if (count == 0 && into.bytes() > 0)
    return 0; // asked again when that has left
  if (count == -EAGAIN) {
    if (into.bytes() == 0 || !is_readable(from.number()))
      from.await_bytes();
    return 0;
  }
  source_over_ = true;
  source_trouble_ = static_cast<int>(-count);
  return 0;
}

void kernel_pump::fill_with_early(kernel_pipe& into) {
  while (!early_.empty()) {
    auto& first = early_.front();
    first = first.slice(into.fill_with(first));
    if (!first.empty())
      return;
    early_.pop_front();
  }
}

kernel_pump::poured kernel_pump::pour(kernel_pipe& from, kernel_stream& into) {
  poured result;
  while (from.bytes() > 0) {
    const auto count = from.empty_into(into.number());
    if (count > 0) {
      result.bytes += static_cast<std::size_t>(count);
      continue;
    }
    if (count == -EAGAIN) {
      result.is_blocked = true;
      into.await_room();
    } else {
      result.why = error::system(count < 0 ? static_cast<int>(-count) : EPIPE, "write");
    }
    break;
  }
  return result;
}

} // namespace actornet::net
