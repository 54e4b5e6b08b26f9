// SPDX-License-Identifier: BSD-3-Clause
#include "epoll_stream.hpp"

#include "epoll_backend.hpp"
#include "socket_calls.hpp"
#include "socket_option_calls.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace actornet::net {

namespace {

constexpr std::uint32_t reading_edges = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;
// FIN, RST, or a byte out of band, at which recv(2) stops: a short read is not the last.
constexpr std::uint32_t interrupting_edges = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;
constexpr std::uint32_t all_edges = reading_edges | EPOLLOUT;
// EPOLLERR and EPOLLHUP come unasked.
constexpr std::uint32_t no_edges = EPOLLET;

// One socket may take this many receive calls of a turn; others come first after that.
constexpr int receives_per_turn_max = 4;
// And as many calls that send: a peer that reads as fast as we write makes room for ever.
constexpr int sends_per_turn_max = 4;

} // namespace

epoll_stream::epoll_stream(epoll_backend& home, stream_events& events)
    : kernel_stream(home, events) {}

epoll_backend& epoll_stream::home() const noexcept {
  return static_cast<epoll_backend&>(kernel_home());
}

expected<void> epoll_stream::begin_connected(descriptor socket) {
  socket_ = std::move(socket);
  reads_to_the_end_ = is_unix(socket_.number());
  return home().watch(socket_.number(), *this, reading_edges);
}

// -- connecting -----------------------------------------------------------------------------------

void epoll_stream::begin_connect(const endpoint& remote, const connect_options& chosen) {
  phase_ = phase::connecting;
  remote_ = std::make_unique<endpoint>(remote);
  reads_to_the_end_ = remote.family() == address_family::unix_socket;
  if (auto begun = open_and_connect(remote, chosen); !begun)
    return tell_connect_failed(std::move(begun.error()));
  watches_room_ = true;
  if (auto watched = home().watch(socket_.number(), *this, all_edges); !watched)
    tell_connect_failed(watched.error().at(remote));
}

void epoll_stream::tell_connect_failed(error why) {
  phase_ = phase::failed;
  refusal_ = std::make_unique<error>(std::move(why));
  home().call_next_turn(*this);
}

void epoll_stream::tell_connected() {
  auto local = connect_outcome(*remote_);
  if (!local)
    return tell_connect_failed(std::move(local.error()));
  phase_ = phase::connected;
  remote_.reset();
  home().told();
  events_->on_connected(*local);
}

// -- what the kernel says -------------------------------------------------------------------------

void epoll_stream::on_events(std::uint32_t events) {
  if (phase_ == phase::connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
    tell_connected();
  if (closed || phase_ != phase::connected)
    return;
  reads_to_the_end_ = reads_to_the_end_ || (events & interrupting_edges) != 0;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    readable_ = true;
    if (receive_tap_ != nullptr)
      bytes_came();
    else if (receiving_)
      receive_some();
    else if ((events & (EPOLLERR | EPOLLHUP)) != 0)
      notice_reset();
  }
  if (closed || (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0)
    return;
  if (send_tap_ != nullptr && awaits_room_)
    room_came();
  else if ((events & EPOLLOUT) != 0 && sending_ == sending::blocked)
    send_some();
}

void epoll_stream::on_turn() {
  if (refusal_) {
    home().told();
    return events_->on_connect_failed(*std::exchange(refusal_, nullptr));
  }
  call_taps();
  if (closed || receive_tap_ != nullptr)
    return;
  const bool looks = std::exchange(looks_for_reset_, false);
  if (receiving_ && readable_)
    receive_some();
  else if (looks && !receiving_)
    notice_reset();
}

// An edge that comes after the tap has found nothing is a new one.
void epoll_stream::tap_changed() {
  if (closed)
    return;
  if (receive_tap_ != nullptr && awaits_bytes_)
    readable_ = false;
  else if (looks_for_reset_)
    readable_ = true; // perhaps
  if ((awaits_room_ && !watches_room_) || ignores_bytes_ == watches_bytes_)
    watch_for_taps();
  if (reads_again_ || sends_again_ || looks_for_reset_)
    home().call_next_turn(*this);
}

// What is asked for anew is told at once, if it is there. If it cannot be asked for, for want of
// memory, it is tried again and again.
void epoll_stream::watch_for_taps() {
  watches_room_ = watches_room_ || awaits_room_;
  watches_bytes_ = !ignores_bytes_;
  const auto edges = (watches_bytes_ ? reading_edges : no_edges) | (watches_room_ ? EPOLLOUT : 0U);
  if (home().watch_again(socket_.number(), *this, edges))
    return;
  reads_again_ = reads_again_ || awaits_bytes_;
  sends_again_ = sends_again_ || awaits_room_;
}

void epoll_stream::receiving_is_over() {
  receive_over_ = true;
  break_told_ = break_told_ || broken_by_ != 0;
}

void epoll_stream::on_flush() {
  if (sending_ == sending::ready && phase_ == phase::connected)
    send_some();
}

// -- receiving ------------------------------------------------------------------------------------

void epoll_stream::start_receiving() {
  receiving_ = !receive_over_;
  if (receiving_ && readable_)
    home().call_next_turn(*this);
}

void epoll_stream::receive_some() {
  for (int i = 0; i < receives_per_turn_max; ++i)
    if (receive_once() != outcome::more)
      return;
  home().call_next_turn(*this);
}

epoll_stream::outcome epoll_stream::receive_once() {
  auto buffer = home().buffers().writable();
  auto count = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
  if (count > 0) {
    auto size = static_cast<std::size_t>(count);
    // A short read has emptied the socket: whatever comes later makes a new edge (epoll(7)). Not so
    // that of a unix socket, which ends behind bytes that descriptors came with.
    readable_ = reads_to_the_end_ || size == buffer.size();
    home().told();
    home().received(size);
    events_->on_received(home().buffers().take(size, window_));
    if (closed || !receiving_)
      return outcome::stopped;
    return readable_ ? outcome::more : outcome::drained;
  }
  return received_nothing(count == 0 ? 0 : errno);
}

epoll_stream::outcome epoll_stream::received_nothing(int why) {
  if (why == EINTR)
    return outcome::more;
  readable_ = false;
  if (why == EAGAIN)
    return outcome::drained;
  // After a reset that a send was told of, recv(2) answers like after FIN.
  if (why == 0)
    why = broken_by_;
  break_told_ = break_told_ || why != 0;
  receiving_ = false;
  receive_over_ = true;
  home().told();
  if (why == 0)
    events_->on_end();
  else
    events_->on_receive_failed(error::system(why, "read"));
  return outcome::stopped;
}

// Nobody reads, so recv(2) will not say it. Asking clears the error: from now on it is told.
void epoll_stream::notice_reset() {
  if (break_told_)
    return;
  if (int number = take_pending_error(socket_.number()); number != 0)
    broken_by_ = number;
  if (broken_by_ == 0)
    return;
  break_told_ = true;
  home().told();
  events_->on_receive_failed(error::system(broken_by_, "read"));
}

// -- sending --------------------------------------------------------------------------------------

void epoll_stream::send(chunk bytes) {
  if (sending_ == sending::broken)
    return;
  unsent_.push(std::move(bytes));
  if (sending_ == sending::ready)
    home().call_at_flush(*this);
}

void epoll_stream::finish() {
  finishing_ = true;
  if (sending_ == sending::ready)
    home().call_at_flush(*this);
}

// What is left after the last call that it may make is no reason to say "blocked": the kernel might
// take it, and the attempt goes on in the next turn.
void epoll_stream::send_some() {
  sending_ = sending::ready;
  for (int i = 0; i < sends_per_turn_max && !unsent_.empty(); ++i)
    if (send_once() != outcome::more)
      return;
  if (!unsent_.empty())
    home().call_at_flush(*this);
  else if (finishing_)
    hand_over_fin();
}

epoll_stream::outcome epoll_stream::send_once() {
  const auto count = send_at_once().taken;
  if (count < 0)
    return sent_nothing(static_cast<int>(-count));
  const auto taken = static_cast<std::size_t>(count);
  unsent_.pop(taken);
  home().told();
  events_->on_sent(taken);
  return closed ? outcome::stopped : outcome::more;
}

epoll_stream::outcome epoll_stream::sent_nothing(int why) {
  if (why == EINTR)
    return outcome::more;
  if (why == EAGAIN)
    wait_for_room();
  else
    sending_broke(error::system(why, "write"));
  return outcome::stopped;
}

void epoll_stream::wait_for_room() {
  sending_ = sending::blocked;
  if (!watches_room_) {
    const auto edges = watches_bytes_ ? all_edges : no_edges | EPOLLOUT;
    if (auto watched = home().watch_again(socket_.number(), *this, edges); !watched)
      return sending_broke(watched.error());
    watches_room_ = true;
  }
  home().told();
  events_->on_send_blocked();
}

// -- the end --------------------------------------------------------------------------------------

void epoll_stream::close() {
  receiving_ = false;
  unsent_.clear();
  home().bury(*this, std::move(socket_));
}

} // namespace actornet::net
