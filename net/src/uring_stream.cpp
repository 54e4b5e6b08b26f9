// SPDX-License-Identifier: BSD-3-Clause
#include "uring_stream.hpp"

#include "socket_calls.hpp"
#include "socket_option_calls.hpp"
#include "uring_backend.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace actornet::net {

namespace {

// Of bytes of one send: `bytes_per_send_max` at most.
constexpr std::uint32_t count_of(std::size_t bytes) noexcept {
  return static_cast<std::uint32_t>(bytes);
}

} // namespace

uring_stream::uring_stream(uring_backend& home, stream_events& events, descriptor socket)
    : kernel_stream(home, events) {
  socket_ = std::move(socket);
  home.add(*this);
  home.call_at_flush(*this);
}

uring_stream::uring_stream(uring_backend& home, stream_events& events)
    : kernel_stream(home, events) {
  home.add(*this);
}

uring_backend& uring_stream::home() const noexcept {
  return static_cast<uring_backend&>(kernel_home());
}

void uring_stream::on_flush() {
  if (phase_ == phase::connecting)
    return start_connect_watch();
  if (phase_ != phase::connected)
    return;
  start_or_stop_receive();
  start_error_watch();
  start_send();
  start_awaiting(uring_operation::await_bytes,
                 awaits_bytes_ && !is_under_way(uring_operation::receive), POLLIN | POLLRDHUP);
  start_awaiting(uring_operation::await_room, awaits_room_, POLLOUT);
}

void uring_stream::on_turn() {
  if (connecting_ && connecting_->refusal) {
    const auto refused = std::move(connecting_);
    home().told();
    return events_->on_connect_failed(*refused->refusal);
  }
  if (!is_under_way(uring_operation::receive)) // what that gets comes first
    call_taps();
  if (closed)
    return;
  if (receive_tap_ == nullptr && std::exchange(looks_for_reset_, false))
    notice_reset();
  if (!closed && finishing_ && unsent_.empty() && sending_ == sending::ready) {
    hand_over_fin();
  }
}

void uring_stream::on_completion(const uring_completion& what) {
  switch (what.what) {
  case uring_operation::connect:
    return tell_connected();
  case uring_operation::receive:
    return what.result > 0 ? receive_some(what) : receive_ended(what);
  case uring_operation::send:
    return send_ended(what.result);
  case uring_operation::watch_error:
    return error_watch_told(what);
  case uring_operation::await_bytes:
    if (receive_tap_ != nullptr && awaits_bytes_)
      bytes_came();
    return;
  case uring_operation::await_room:
    if (send_tap_ != nullptr && awaits_room_)
      room_came();
    return;
  case uring_operation::accept:
  case uring_operation::await_client:
    return;
  }
}

// -- connecting -----------------------------------------------------------------------------------

void uring_stream::begin_connect(const endpoint& remote, const connect_options& chosen) {
  phase_ = phase::connecting;
  connecting_.reset(new connecting{remote, std::nullopt});
  if (auto begun = open_and_connect(remote, chosen); !begun)
    return tell_connect_failed(std::move(begun.error()));
  home().call_at_flush(*this);
}

void uring_stream::start_connect_watch() {
  if (is_under_way(uring_operation::connect))
    return;
  if (auto* entry = home().start(*this, uring_operation::connect))
    io_uring_prep_poll_add(entry, socket_.number(), POLLOUT);
}

void uring_stream::tell_connected() {
  auto local = connect_outcome(connecting_->remote);
  if (!local)
    return tell_connect_failed(std::move(local.error()));
  phase_ = phase::connected;
  connecting_.reset();
  home().call_at_flush(*this);
  home().told();
  events_->on_connected(*local);
}

void uring_stream::tell_connect_failed(error why) {
  phase_ = phase::failed;
  connecting_->refusal = std::move(why);
  home().call_next_turn(*this);
}

// -- receiving ------------------------------------------------------------------------------------

void uring_stream::start_receiving() {
  receiving_ = !receive_over_;
  home().call_at_flush(*this);
}

void uring_stream::stop_receiving() {
  receiving_ = false;
  home().call_at_flush(*this);
}

void uring_stream::start_or_stop_receive() {
  const bool is_receiving = is_under_way(uring_operation::receive);
  if (is_receiving && !receiving_)
    home().cancel(*this, uring_operation::receive);
  if (is_receiving || !receiving_ || awaits_buffer)
    return;
  told = events_;
  if (auto* entry = home().start(*this, uring_operation::receive)) {
    io_uring_prep_recv_multishot(entry, socket_.number(), nullptr, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = uring_buffers::group;
    // Else it would fill all the buffers there are before anybody could stop it.
    is_bounded_ = window_ && home().bound_receive(*entry, window_->bytes_left());
  }
}

void uring_stream::receive_some(const uring_completion& what) {
  was_let_in = false;
  if (what.is_last)
    home().call_at_flush(*this);
  if (what.is_last && receive_tap_ != nullptr)
    home().call_next_turn(*this);
  home().told();
  auto bytes = home().received().take(what.flags, static_cast<std::size_t>(what.result), window_);
  if (receive_tap_ != nullptr)
    receive_tap_->on_early(std::move(bytes));
  else
    events_->on_received(std::move(bytes));
}

void uring_stream::receive_ended(const uring_completion& what) {
  int result = what.result;
  if (result == -EINVAL && is_bounded_) {
    home().receives_are_unbounded();
    result = -EINTR; // to be asked for again
  }
  if (receive_tap_ != nullptr)
    return receive_ended_for_tap(result);
  if (result == -ENOBUFS)
    return home().call_when_buffers_are_free(*this);
  if (result == -ECANCELED || result == -EINTR) {
    home().call_at_flush(*this);
    return notice_reset(); // one that came while the receive was still under way
  }
  // After a reset that a send was told of, recv(2) answers like after FIN.
  int why = result == 0 ? broken_by_ : -result;
  if (why != 0)
    broken_by_ = why;
  // Who has stopped may start again, to be told once more.
  receive_over_ = receiving_ || why == 0;
  receiving_ = false;
  home().call_at_flush(*this);
  home().told();
  if (why == 0)
    return events_->on_end();
  const bool was_told = hung_up_;
  hung_up_ = true;
  if (was_told && !receive_over_)
    return;
  events_->on_receive_failed(error::system(why, "read"));
}

// The end is there to be read again, unlike what broke the connection.
void uring_stream::receive_ended_for_tap(int result) {
  if (result < 0 && result != -ENOBUFS && result != -ECANCELED && result != -EINTR)
    remember_break(-result);
  home().call_at_flush(*this);
  home().call_next_turn(*this);
}

void uring_stream::receiving_is_over() {
  receive_over_ = true;
  hung_up_ = hung_up_ || broken_by_ != 0;
}

void uring_stream::tap_changed() {
  if (closed)
    return;
  home().call_at_flush(*this);
  if (reads_again_ || sends_again_ || looks_for_reset_)
    home().call_next_turn(*this);
}

// One at a time, asked for anew each time: it answers at once if bytes, or room, came meanwhile.
void uring_stream::start_awaiting(uring_operation what, bool wanted, unsigned events) {
  if (is_under_way(what) == wanted)
    return;
  if (!wanted)
    return home().cancel(*this, what);
  if (auto* entry = home().start(*this, what))
    io_uring_prep_poll_add(entry, socket_.number(), events);
}

// While nothing is received, nothing else would tell of a reset.
void uring_stream::start_error_watch() {
  if (receiving_ || hung_up_ || receive_tap_ != nullptr || is_under_way(uring_operation::receive) ||
      is_under_way(uring_operation::watch_error))
    return;
  if (auto* entry = home().start(*this, uring_operation::watch_error))
    io_uring_prep_poll_multishot(entry, socket_.number(), POLLERR | POLLHUP);
}

// The kernel tells of POLLRDHUP unasked: of the peer's end, behind which a reset may still come.
// That is why the watch is multishot: it tells of a change, where another would be over at once.
void uring_stream::error_watch_told(const uring_completion& what) {
  if (what.result == -ECANCELED)
    return;
  if (what.is_last && what.result >= 0)
    home().call_at_flush(*this);
  notice_reset();
}

void uring_stream::notice_reset() {
  // It is the receive's to tell, behind the bytes that came before.
  if (hung_up_ || receiving_ || receive_tap_ != nullptr || is_under_way(uring_operation::receive))
    return;
  // Asking clears the error: from now on it is told.
  if (int number = take_pending_error(socket_.number()); number != 0)
    broken_by_ = number;
  if (broken_by_ == 0)
    return;
  hung_up_ = true;
  home().told();
  events_->on_receive_failed(error::system(broken_by_, "read"));
}

// -- sending --------------------------------------------------------------------------------------

void uring_stream::send(chunk bytes) {
  if (sending_ == sending::broken)
    return;
  unsent_.push(std::move(bytes));
  if (sending_ == sending::ready)
    home().call_at_flush(*this);
}

void uring_stream::finish() {
  finishing_ = true;
  if (unsent_.empty())
    home().call_next_turn(*this);
}

// The first attempt takes what fits and never waits, so that its outcome is there when the
// operations are handed over; what did not fit waits for room in the kernel.
void uring_stream::start_send() {
  if (unsent_.empty() || is_under_way(uring_operation::send) ||
      (sending_ != sending::ready && sending_ != sending::blocked))
    return;
  if (sending_ == sending::ready && home().flushes_few())
    return home().done_already(*this, uring_operation::send, send_directly());
  auto* entry = home().start(*this, uring_operation::send);
  if (entry == nullptr)
    return;
  const int flags = MSG_NOSIGNAL | (sending_ == sending::ready ? MSG_DONTWAIT : 0);
  if (unsent_.end() - unsent_.begin() == 1) {
    const auto& only = *unsent_.begin();
    asked_ = count_of(std::min(only.size() - unsent_.offset(), bytes_per_send_max));
    io_uring_prep_send(entry, socket_.number(), only.data() + unsent_.offset(), asked_, flags);
  } else {
    auto& frame = home().next_frame();
    asked_ = count_of(frame.fill(unsent_));
    io_uring_prep_sendmsg(entry, socket_.number(), &frame.message(), static_cast<unsigned>(flags));
  }
}

int uring_stream::send_directly() noexcept {
  const auto made = send_at_once();
  asked_ = count_of(made.asked);
  return static_cast<int>(made.taken);
}

void uring_stream::send_ended(int result) {
  if (result < 0)
    return sent_nothing(-result);
  auto taken = static_cast<std::size_t>(result);
  const bool took_all = taken == asked_;
  sending_ = sending::ready;
  unsent_.pop(taken);
  home().told();
  events_->on_sent(taken);
  if (closed)
    return;
  if (!took_all)
    return wait_for_room();
  if (!unsent_.empty())
    home().call_at_flush(*this);
  else if (finishing_)
    hand_over_fin();
}

void uring_stream::sent_nothing(int why) {
  if (why == EINTR)
    home().call_at_flush(*this);
  else if (why == EAGAIN)
    wait_for_room();
  else
    sending_broke(error::system(why, "write"));
}

void uring_stream::wait_for_room() {
  sending_ = sending::blocked;
  home().call_at_flush(*this);
  home().told();
  events_->on_send_blocked();
}

// -- the end --------------------------------------------------------------------------------------

// A send that is under way still looks at `unsent_`, which goes when the stream does.
void uring_stream::close() {
  receiving_ = false;
  if (!is_under_way(uring_operation::send))
    unsent_.clear();
  home().bury(*this, std::move(socket_));
}

} // namespace actornet::net
