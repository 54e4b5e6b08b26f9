// SPDX-License-Identifier: BSD-3-Clause
#include "uring_backend.hpp"

#include "socket_calls.hpp"
#include "socket_option_calls.hpp"
#include "uring_datagram.hpp"
#include "uring_listener.hpp"
#include "uring_stream.hpp"

#include <actornet/net/backends.hpp>
#include <actornet/net/resolver.hpp>

#include <poll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <limits>

namespace actornet::net {

namespace {

// What a completion is tagged with when it is not of a source: no address is that small.
constexpr std::uint64_t cancellation_tag = 0;
constexpr std::uint64_t bell_tag = 1;
constexpr std::uint64_t operation_mask = 7;

constexpr std::array all_operations{uring_operation::accept,      uring_operation::await_client,
                                    uring_operation::connect,     uring_operation::receive,
                                    uring_operation::send,        uring_operation::watch_error,
                                    uring_operation::await_bytes, uring_operation::await_room};

} // namespace

// The kernel counts the queues as locked memory, of all programs of a user together: where that is
// scarce (ENOMEM), small ones do as well, and overflow a little more often.
expected<std::unique_ptr<io_backend>> make_uring_backend(std::shared_ptr<resolver> names) {
  auto made = make_uring_backend(names, {});
  if (!made && made.error().number == ENOMEM)
    made = make_uring_backend(std::move(names), {.submissions = 32, .completions = 128});
  return made;
}

expected<std::unique_ptr<io_backend>> make_uring_backend(std::shared_ptr<resolver> names,
                                                         const uring_options& chosen) {
  auto bell = wake_signal::make();
  if (!bell)
    return fail(bell.error());
  auto queue = uring_queue::make(chosen);
  if (!queue)
    return fail(queue.error());
  auto made =
      std::make_unique<uring_backend>(std::move(*bell), std::move(names), std::move(*queue));
  if (auto begun = made->begin(chosen); !begun)
    return fail(begun.error());
  return made;
}

uring_backend::uring_backend(std::shared_ptr<wake_signal> bell, std::shared_ptr<resolver> names,
                             std::unique_ptr<uring_queue> queue)
    : kernel_backend(std::move(bell), std::move(names)), queue_(std::move(queue)) {}

expected<void> uring_backend::begin(const uring_options& chosen) {
  auto made = uring_buffers::make(*queue_, buffers(), chosen);
  if (!made)
    return fail(made.error());
  received_ = std::move(*made);
  if (!chosen.bounded)
    bounds_ = bounds::none;
  else if (chosen.bound_is_refused)
    bounds_ = bounds::refused;
  return {};
}

uring_backend::~uring_backend() {
  next_turn_.clear();
  starved_.clear();
  to_flush_.clear();
  if (received_ && queue_->is_ours())
    end_what_lingers();
  forget_the_dead();
  queue_.reset();
  for (auto* source : lingering_)
    delete source;
}

// Only the loop's thread can hear the last completions. When that has ended, the kernel has
// cancelled all there was.
void uring_backend::end_what_lingers() {
  for (int tries = 0; tries < 100 && !lingering_.empty(); ++tries) {
    prepare_cancellations();
    queue_->submit_and_wait(std::chrono::milliseconds(1));
    tell_completions();
  }
}

// -- turns ----------------------------------------------------------------------------------------

// What it prepares is handed over by `poll`, whose wait ends as soon as something of it is done.
void uring_backend::flush() {
  call_turns();
  prepare();
  // Before the completions: a send that breaks is the reason of an end that follows.
  tell_done();
}

void uring_backend::poll(std::optional<instant> until) {
  told_ = false;
  flush();
  wait(or_next_look(until));
  update_now();
  let_in_ = 0;
  tell_completions();
  look_if_due();
  woken_ = false;
  deliver_reports();
  forget_the_dead();
}

void uring_backend::prepare() {
  forget_what_was_handed_over();
  if (!bell_is_heard_)
    listen_to_bell();
  // First: the operations that are handed over first find the buffers that are free now.
  feed_the_starved();
  flushing_.insert(flushing_.end(), to_flush_.begin(), to_flush_.end());
  to_flush_.clear();
  for (auto* source : flushing_) {
    source->awaits_flush = false;
    if (!source->closed)
      source->on_flush();
  }
  flushing_.clear();
  prepare_cancellations();
}

void uring_backend::feed_the_starved() {
  for (; let_in_ < received_->count() && !starved_.empty(); ++let_in_) {
    auto* source = starved_.front();
    starved_.pop_front();
    source->awaits_buffer = false;
    source->was_let_in = true;
    if (!std::exchange(source->awaits_flush, true))
      flushing_.push_back(source);
  }
}

void uring_backend::submit() {
  queue_->submit();
  forget_what_was_handed_over();
}

void uring_backend::forget_what_was_handed_over() {
  if (queue_->has_unsubmitted())
    return;
  frames_used_ = 0;
  to_close_.clear();
}

void uring_backend::listen_to_bell() {
  auto* entry = queue_->next();
  if (entry == nullptr)
    return;
  io_uring_prep_poll_multishot(entry, bell_number(), POLLIN);
  io_uring_sqe_set_data64(entry, bell_tag);
  bell_is_heard_ = true;
}

// Not before the next turn has prepared what the kernel had no room for: a wait that nobody can end
// may last for ever.
bool uring_backend::may_wait() const noexcept {
  const bool is_idle =
      !told_ && !woken_ && next_turn_.empty() && starved_.empty() && to_flush_.empty();
  return is_idle && bell_is_heard_ && to_cancel_.empty() && to_close_.empty();
}

void uring_backend::wait(std::optional<instant> until) {
  if (!may_wait() || (until && *until <= now())) {
    if (queue_->wants_entry())
      submit();
    return;
  }
  auto look = [this] {
    if (queue_->wants_entry())
      submit();
    return queue_->has_completions();
  };
  if (came_before_sleep(until, look))
    return;
  std::optional<instant::duration> timeout;
  do
    if (until)
      timeout = std::max(instant::duration(0), *until - read_clock());
  while (!queue_->submit_and_wait(timeout));
}

void uring_backend::tell_completions() {
  const bool misses_much = sources_ > cached_sources_max;
  queue_->for_each_completion([&](const auto& completion) {
    if (misses_much)
      fetch_ahead();
    tell(completion);
  });
  received_->give_back();
}

// With a thousand connections, hardly anything that a completion leads to is in the processor's
// cache. Asked for early, it comes while others are told: first a source, then who is told by it.
void uring_backend::fetch_ahead() const noexcept {
  constexpr std::ptrdiff_t line = 64;
  if (auto tag = queue_->upcoming_tag(2); tag > operation_mask) {
    const auto* source = reinterpret_cast<const char*>(tag & ~operation_mask);
    for (auto at = -2 * line; at < 3 * line; at += line)
      __builtin_prefetch(source + at);
  }
  if (auto tag = queue_->upcoming_tag(0); tag > operation_mask)
    if (const void* told = reinterpret_cast<uring_source*>(tag & ~operation_mask)->told)
      for (auto at = -4 * line; at < 8 * line; at += line)
        __builtin_prefetch(static_cast<const char*>(told) + at);
}

void uring_backend::tell_done() {
  for (auto& each : done_)
    if (!each.source->closed)
      each.source->on_completion(each.what);
  done_.clear();
}

void uring_backend::tell(const io_uring_cqe& completion) {
  const bool is_last = (completion.flags & IORING_CQE_F_MORE) == 0;
  if (completion.user_data == cancellation_tag)
    return; // it came too late, and what it was for tells of itself
  if (completion.user_data == bell_tag) {
    bell_was_heard();
    bell_is_heard_ = !is_last;
    woken_ = true;
    return;
  }
  auto& source = *reinterpret_cast<uring_source*>(completion.user_data & ~operation_mask);
  uring_completion what{static_cast<uring_operation>(completion.user_data & operation_mask),
                        completion.res, completion.flags, is_last};
  if (is_last)
    source.under_way = static_cast<std::uint8_t>(source.under_way & ~uring_source::bit(what.what));
  if ((what.flags & IORING_CQE_F_BUFFER) != 0 && what.result <= 0)
    received_->drop(what.flags, 0);
  if (source.closed)
    tell_closed(source, what);
  else
    source.on_completion(what);
}

void uring_backend::tell_closed(uring_source& source, const uring_completion& what) {
  if ((what.flags & IORING_CQE_F_BUFFER) != 0 && what.result > 0)
    received_->drop(what.flags, static_cast<std::size_t>(what.result));
  else if (what.what == uring_operation::accept && what.result >= 0)
    descriptor(what.result, kernel_descriptors()) = {};
  if (source.under_way != 0)
    return;
  lingering_.erase(&source);
  dead_.push_back(&source);
}

void uring_backend::call_turns() {
  this_turn_.swap(next_turn_);
  for (auto* source : this_turn_) {
    source->awaits_turn = false;
    if (!source->closed)
      source->on_turn();
  }
  this_turn_.clear();
}

// -- sources --------------------------------------------------------------------------------------

std::uint64_t uring_backend::tag(const uring_source* source, uring_operation what) noexcept {
  return reinterpret_cast<std::uintptr_t>(source) | static_cast<std::uint64_t>(what);
}

void uring_backend::call_next_turn(uring_source& source) {
  if (!std::exchange(source.awaits_turn, true))
    next_turn_.push_back(&source);
}

void uring_backend::call_when_buffers_are_free(uring_source& source) {
  if (std::exchange(source.awaits_buffer, true))
    return;
  // Whose turn it was and who found that another had taken all, is the next.
  if (std::exchange(source.was_let_in, false))
    starved_.push_front(&source);
  else
    starved_.push_back(&source);
}

io_uring_sqe* uring_backend::start(uring_source& source, uring_operation what) {
  assert(!source.is_under_way(what));
  auto* entry = queue_->next();
  if (entry == nullptr) {
    call_at_flush(source);
    return nullptr;
  }
  source.under_way |= uring_source::bit(what);
  io_uring_sqe_set_data64(entry, tag(&source, what));
  return entry;
}

void uring_backend::done_already(uring_source& source, uring_operation what, int result) {
  done_.push_back({&source, {what, result, 0, true}});
}

void uring_backend::cancel(uring_source& source, uring_operation what) {
  to_cancel_.push_back({&source, what});
}

void uring_backend::cancel_now(uring_source& source, uring_operation what) {
  cancel(source, what);
  cancel_now();
}

void uring_backend::prepare_cancellations() {
  while (!to_cancel_.empty()) {
    auto [source, what] = to_cancel_.back();
    auto* entry = queue_->next();
    if (entry == nullptr)
      return;
    to_cancel_.pop_back();
    io_uring_prep_cancel64(entry, tag(source, what), 0);
    io_uring_sqe_set_flags(entry, IOSQE_CQE_SKIP_SUCCESS);
    io_uring_sqe_set_data64(entry, cancellation_tag);
  }
}

void uring_backend::cancel_now() {
  prepare_cancellations();
  submit();
}

void uring_backend::bury(uring_source& source, descriptor socket) {
  source.closed = true;
  if (source.under_way == 0) {
    dead_.push_back(&source);
  } else {
    lingering_.insert(&source);
    for (auto each : all_operations)
      if (source.is_under_way(each))
        cancel(source, each);
  }
  if (queue_->has_unsubmitted())
    to_close_.push_back(std::move(socket));
  // What is under way holds on to the socket: until it is over, nobody would learn that it closed.
  socket = {};
  if (source.under_way != 0 || !to_close_.empty())
    cancel_now();
}

// The library's header is older, and has another name for the place of `optlen`.
bool uring_backend::bound_receive(io_uring_sqe& receive, std::size_t bytes) const noexcept {
  if (bounds_ == bounds::none)
    return false;
  receive.file_index = static_cast<std::uint32_t>(
      std::clamp<std::size_t>(bytes, 1, std::numeric_limits<std::uint32_t>::max()));
  if (bounds_ == bounds::refused)
    receive.off = 1; // which no kernel takes
  return true;
}

send_frame& uring_backend::next_frame() {
  if (frames_used_ == frames_.size())
    frames_.emplace_back();
  return frames_[frames_used_++];
}

void uring_backend::forget_the_dead() {
  if (dead_.empty())
    return;
  auto is_closed = [](const uring_source* source) { return source->closed; };
  std::erase_if(next_turn_, is_closed);
  std::erase_if(starved_, is_closed);
  std::erase_if(to_flush_, is_closed);
  sources_ -= dead_.size();
  for (auto* source : std::exchange(dead_, {}))
    delete source;
}

// -- operations -----------------------------------------------------------------------------------

expected<listen_socket_ptr> uring_backend::add_listener(opened_listener opened,
                                                        listen_events& events) {
  spare().hold();
  return listen_socket_ptr(new uring_listener(*this, std::move(opened), events));
}

expected<stream_socket_ptr>
uring_backend::add_stream(descriptor socket, const socket_options& chosen, stream_events& events) {
  if (auto set = set_options(socket.number(), chosen); !set)
    return fail(set.error());
  return stream_socket_ptr(new uring_stream(*this, events, std::move(socket)));
}

stream_socket_ptr uring_backend::connect(const endpoint& remote, const connect_options& chosen,
                                         stream_events& events) {
  auto* made = new uring_stream(*this, events);
  made->begin_connect(remote, chosen);
  return stream_socket_ptr(made);
}

expected<datagram_socket_ptr> uring_backend::add_datagram(opened_datagram opened,
                                                          datagram_events& events) {
  prepare_for_datagrams();
  return datagram_socket_ptr(new uring_datagram(*this, std::move(opened), events));
}

} // namespace actornet::net
