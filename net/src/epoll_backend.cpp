// SPDX-License-Identifier: BSD-3-Clause
#include "epoll_backend.hpp"

#include "epoll_datagram.hpp"
#include "epoll_listener.hpp"
#include "epoll_stream.hpp"
#include "socket_calls.hpp"
#include "socket_option_calls.hpp"

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

#include <sys/prctl.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>

namespace actornet::net {

namespace {

timespec timespec_of(duration time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {seconds.count(), (time - seconds).count()};
}

// PR_SET_TIMERSLACK(2const): by itself a wait may end 50 us late, as long as a look is put off.
// Where a filter forbids it, looks are late, and no worse.
void make_timers_precise() noexcept {
  constexpr int slack_ns = 1000;
  if (::prctl(PR_GET_TIMERSLACK) > slack_ns)
    ::prctl(PR_SET_TIMERSLACK, slack_ns);
}

} // namespace

expected<std::unique_ptr<io_backend>> make_epoll_backend(std::shared_ptr<resolver> names) {
  auto bell = wake_signal::make();
  if (!bell)
    return fail(bell.error());
  int number = ::epoll_create1(EPOLL_CLOEXEC);
  if (number < 0)
    return fail(error::system(errno, "epoll_create1"));
  descriptor poller(number, kernel_descriptors());
  epoll_event event{EPOLLIN | EPOLLET, {.ptr = nullptr}};
  if (::epoll_ctl(number, EPOLL_CTL_ADD, (*bell)->number(), &event) != 0)
    return fail(error::system(errno, "epoll_ctl"));
  return std::make_unique<epoll_backend>(std::move(poller), std::move(*bell), std::move(names));
}

epoll_backend::epoll_backend(descriptor poller, std::shared_ptr<wake_signal> bell,
                             std::shared_ptr<resolver> names)
    : kernel_backend(std::move(bell), std::move(names)), poller_(std::move(poller)) {}

epoll_backend::~epoll_backend() {
  next_turn_.clear();
  to_flush_.clear();
  forget_the_dead();
}

// -- turns ----------------------------------------------------------------------------------------

void epoll_backend::flush() {
  received_bytes_ = 0;
  flushing_.swap(to_flush_);
  for (auto* source : flushing_) {
    source->awaits_flush = false;
    if (!source->closed)
      source->on_flush();
  }
  flushing_.clear();
}

void epoll_backend::poll(std::optional<instant> until) {
  told_ = false;
  flush();
  wait(until);
  tell_events();
  look_if_due();
  call_turns();
  deliver_reports();
  forget_the_dead();
}

bool epoll_backend::may_wait() const noexcept {
  return !told_ && next_turn_.empty() && to_flush_.empty();
}

int epoll_backend::wait_ms(std::optional<instant> until) const noexcept {
  if (!until)
    return -1;
  if (*until <= now())
    return 0;
  // Rounded up: a wait that ends before its time would only be repeated.
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(*until - read_clock()).count();
  return static_cast<int>(std::clamp<decltype(wait)>(wait, 0, 24 * 60 * 60 * 1000));
}

int epoll_backend::wait_for_ms(int ms) noexcept {
  return ::epoll_wait(poller_.number(), events_.data(), static_cast<int>(events_.size()), ms);
}

// Linux 5.11. Where it is missing (ENOSYS), or a filter forbids what it does not know (EPERM), the
// sockets that look are woken again from now on.
int epoll_backend::wait_for_look(instant when) noexcept {
  thread_local const bool is_precise = (make_timers_precise(), true);
  static_cast<void>(is_precise);
  const auto time = timespec_of(std::max(duration(0), when - read_clock()));
  const int count = ::epoll_pwait2(poller_.number(), events_.data(),
                                   static_cast<int>(events_.size()), &time, nullptr);
  if (count >= 0 || (errno != ENOSYS && errno != EPERM))
    return count;
  waiting_ = waiting::coarse;
  return wait_for_ms(0);
}

int epoll_backend::wait_once(std::optional<instant> until) {
  const int ms = may_wait() ? wait_ms(until) : 0;
  if (ms == 0)
    return wait_for_ms(0);
  int count = 0;
  auto look = [&] {
    count = wait_for_ms(0);
    return count != 0;
  };
  const auto end = or_next_look(until);
  if (came_before_sleep(end, look))
    return count;
  return end != until ? wait_for_look(*end) : wait_for_ms(wait_ms(until));
}

void epoll_backend::wait(std::optional<instant> until) {
  int count = 0;
  do
    count = wait_once(until);
  while (count < 0 && errno == EINTR);
  assert(count >= 0);
  events_count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  update_now();
}

void epoll_backend::tell_events() {
  for (std::size_t i = 0; i < events_count_; ++i) {
    auto* source = static_cast<epoll_source*>(events_[i].data.ptr);
    if (source == nullptr)
      bell_was_heard();
    else if (!source->closed)
      source->on_events(events_[i].events);
    flush_if_much_came();
  }
  events_count_ = 0;
}

void epoll_backend::flush_if_much_came() {
  if (received_bytes_ >= received_per_flush_max)
    flush();
}

void epoll_backend::call_turns() {
  this_turn_.swap(next_turn_);
  for (auto* source : this_turn_) {
    source->awaits_turn = false;
    if (!source->closed)
      source->on_turn();
    flush_if_much_came();
  }
  this_turn_.clear();
}

// -- sources --------------------------------------------------------------------------------------

expected<void> epoll_backend::watch(int number, epoll_source& source, std::uint32_t events) {
  epoll_event event{events, {.ptr = &source}};
  if (::epoll_ctl(poller_.number(), EPOLL_CTL_ADD, number, &event) != 0)
    return fail(error::system(errno, "epoll_ctl"));
  return {};
}

expected<void> epoll_backend::watch_again(int number, epoll_source& source, std::uint32_t events) {
  epoll_event event{events, {.ptr = &source}};
  if (::epoll_ctl(poller_.number(), EPOLL_CTL_MOD, number, &event) != 0)
    return fail(error::system(errno, "epoll_ctl"));
  return {};
}

void epoll_backend::call_next_turn(epoll_source& source) {
  if (!std::exchange(source.awaits_turn, true))
    next_turn_.push_back(&source);
}

// epoll(7) goes on telling of a descriptor that is closed as long as there is another of the same
// open file: one that whoever passed it on has kept, or a child of fork(2) that is yet to exec.
void epoll_backend::bury(epoll_source& source, descriptor socket) {
  source.closed = true;
  if (socket) {
    [[maybe_unused]] const auto removed =
        ::epoll_ctl(poller_.number(), EPOLL_CTL_DEL, socket.number(), nullptr);
    assert(removed == 0 || errno == ENOENT); // it could not be watched
  }
  dead_.push_back(&source);
}

void epoll_backend::forget_the_dead() {
  if (dead_.empty())
    return;
  auto is_closed = [](const epoll_source* source) { return source->closed; };
  std::erase_if(next_turn_, is_closed);
  std::erase_if(to_flush_, is_closed);
  for (auto* source : std::exchange(dead_, {}))
    delete source;
}

// -- operations -----------------------------------------------------------------------------------

expected<listen_socket_ptr> epoll_backend::add_listener(opened_listener opened,
                                                        listen_events& events) {
  spare().hold();
  auto made = std::make_unique<epoll_listener>(*this, std::move(opened), events);
  if (auto watched = made->begin(); !watched)
    return fail(watched.error());
  return listen_socket_ptr(made.release());
}

expected<stream_socket_ptr>
epoll_backend::add_stream(descriptor socket, const socket_options& chosen, stream_events& events) {
  if (auto set = set_options(socket.number(), chosen); !set)
    return fail(set.error());
  auto made = std::make_unique<epoll_stream>(*this, events);
  if (auto watched = made->begin_connected(std::move(socket)); !watched)
    return fail(watched.error());
  return stream_socket_ptr(made.release());
}

stream_socket_ptr epoll_backend::connect(const endpoint& remote, const connect_options& chosen,
                                         stream_events& events) {
  auto* made = new epoll_stream(*this, events);
  made->begin_connect(remote, chosen);
  return stream_socket_ptr(made);
}

expected<datagram_socket_ptr> epoll_backend::add_datagram(opened_datagram opened,
                                                          datagram_events& events) {
  prepare_for_datagrams();
  auto made = std::make_unique<epoll_datagram>(*this, std::move(opened), events);
  if (auto watched = made->begin(); !watched)
    return fail(watched.error());
  return datagram_socket_ptr(made.release());
}

} // namespace actornet::net
