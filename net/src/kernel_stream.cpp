// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_stream.hpp"

#include "kernel_backend.hpp"
#include "socket_address.hpp"
#include "socket_calls.hpp"
#include "socket_option_calls.hpp"

#include <algorithm>
#include <cerrno>

namespace actornet::net {

std::size_t send_frame::fill(const send_queue& unsent) noexcept {
  std::size_t count = 0;
  std::size_t bytes = 0;
  auto offset = unsent.offset();
  for (const auto& each : unsent) {
    if (count == pieces_.size() || bytes == bytes_per_send_max)
      break;
    auto size = std::min(each.size() - offset, bytes_per_send_max - bytes);
    // sendmsg(2) only reads what iovec, being shared with readv(2), calls writable.
    pieces_[count] = {const_cast<std::byte*>(each.data()) + offset, size};
    bytes += pieces_[count++].iov_len;
    offset = 0;
  }
  message_.msg_iov = pieces_.data();
  message_.msg_iovlen = count;
  return bytes;
}

expected<void> kernel_stream::open_and_connect(const endpoint& remote,
                                               const connect_options& chosen) {
  auto socket = open_stream(remote, chosen);
  if (!socket)
    return fail(std::move(socket.error()));
  socket_ = std::move(*socket);
  auto to = socket_address::of(remote);
  int done = ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&to.storage), to.size);
  // EINTR: the handshake goes on by itself, as after EINPROGRESS (connect(2)).
  if (done != 0 && errno != EINPROGRESS && errno != EINTR)
    return fail(error::system(errno, "connect", remote));
  return {};
}

expected<endpoint> kernel_stream::connect_outcome(const endpoint& remote) {
  if (int number = take_pending_error(socket_.number()); number != 0)
    return fail(error::system(number, "connect", remote));
  auto local = local_endpoint(socket_.number());
  if (!local)
    return fail(local.error().at(remote));
  return local;
}

kernel_stream::attempt kernel_stream::send_at_once() noexcept {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  attempt made{};
  if (unsent_.end() - unsent_.begin() == 1) {
    // One piece needs no frame, which the kernel would have to read as well.
    const auto& only = *unsent_.begin();
    made.asked = std::min(only.size() - unsent_.offset(), bytes_per_send_max);
    made.taken = ::send(socket_.number(), only.data() + unsent_.offset(), made.asked, flags);
  } else {
    send_frame frame;
    made.asked = frame.fill(unsent_);
    made.taken = ::sendmsg(socket_.number(), &frame.message(), flags);
  }
  if (made.taken < 0)
    made.taken = -errno;
  return made;
}

// EPIPE is no such thing: it means that the peer's FIN, or the failure, was told or is yet to be
// read.
void kernel_stream::remember_what_broke(const error& why) noexcept {
  if (why.syscall == "write" && why.number != EPIPE)
    broken_by_ = why.number;
}

void kernel_stream::hand_over_fin() {
  finishing_ = false;
  if (::shutdown(socket_.number(), SHUT_WR) != 0)
    return sending_broke(error::system(reason_of_shutdown(errno), "shutdown"));
  sending_ = sending::finished;
  home_.told();
  events_->on_finished();
}

// What was connected and is not any more, was reset: shutdown(2) says only that, and SO_ERROR how.
int kernel_stream::reason_of_shutdown(int number) noexcept {
  if (number != ENOTCONN)
    return number;
  if (broken_by_ == 0)
    broken_by_ = take_pending_error(socket_.number());
  return broken_by_ != 0 ? broken_by_ : ECONNRESET;
}

void kernel_stream::sending_broke(error why) {
  sending_ = sending::broken;
  remember_what_broke(why);
  unsent_.clear();
  home_.told();
  events_->on_send_failed(why);
}

void kernel_stream::reset() {
  if (socket_)
    linger_zero(socket_.number());
  close();
}

std::size_t kernel_stream::unacknowledged_bytes() const noexcept {
  return net::unacknowledged_bytes(socket_.number());
}

expected<void> kernel_stream::set_options(const socket_options& chosen) {
  return net::set_options(socket_.number(), chosen);
}

expected<std::vector<std::byte>> kernel_stream::get_option(int level, int name,
                                                           std::size_t bytes_max) const {
  return net::get_option(socket_.number(), level, name, bytes_max);
}

} // namespace actornet::net
