// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_stream.hpp"

#include "socket_address.hpp"
#include "socket_calls.hpp"

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
                                               const stream_options& chosen) {
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

// EPIPE is no such thing: it means that the peer's FIN, or the failure, was told or is yet to be
// read.
void kernel_stream::remember_what_broke(const error& why) noexcept {
  if (why.syscall == "write" && why.number != EPIPE)
    broken_by_ = why.number;
}

expected<void> kernel_stream::set_no_delay(bool enabled) {
  if (family_of(socket_.number()) == address_family::unix_socket)
    return {};
  return net::set_no_delay(socket_.number(), enabled);
}

expected<void> kernel_stream::set_keep_alive(const keep_alive_options& chosen) {
  if (family_of(socket_.number()) == address_family::unix_socket)
    return {};
  return net::set_keep_alive(socket_.number(), chosen);
}

} // namespace actornet::net
