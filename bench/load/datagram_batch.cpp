// SPDX-License-Identifier: BSD-3-Clause
#include "datagram_batch.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <system_error>

namespace load {

namespace {

constexpr std::size_t run_bytes_max = 65000;

// Answers that are lost, and servers that are gone, are seen by what does not come back.
bool is_passing(int number) {
  return number == EAGAIN || number == EINTR || number == ECONNREFUSED || number == ENOBUFS;
}

std::size_t counted(int outcome, const char* what) {
  if (outcome >= 0)
    return static_cast<std::size_t>(outcome);
  if (!is_passing(errno))
    throw std::system_error(errno, std::generic_category(), what);
  return 0;
}

} // namespace

datagram_batch::datagram_batch(std::size_t size_bytes)
    : size_bytes_(size_bytes), bytes_(count_max * size_bytes) {
  for (std::size_t i = 0; i < count_max; ++i) {
    places_[i] = {bytes_.data() + i * size_bytes, size_bytes};
    messages_[i].msg_hdr.msg_iov = &places_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

std::span<char> datagram_batch::add() {
  return std::span(bytes_).subspan(count_++ * size_bytes_, size_bytes_);
}

std::size_t datagram_batch::send(const unique_fd& to) {
  return counted(::sendmmsg(to.get(), messages_.data(), static_cast<unsigned>(count_), 0),
                 "sendmmsg");
}

std::size_t datagram_batch::send_as_one(const unique_fd& to) {
  const auto count = std::min(count_, std::max<std::size_t>(1, run_bytes_max / size_bytes_));
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  iovec place{bytes_.data(), count * size_bytes_};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto segment = static_cast<std::uint16_t>(size_bytes_);
  std::memcpy(CMSG_DATA(header), &segment, sizeof segment);
  const auto sent = ::sendmsg(to.get(), &message, 0);
  return counted(sent < 0 ? -1 : static_cast<int>(count), "sendmsg");
}

std::size_t datagram_batch::receive(const unique_fd& from) {
  return counted(::recvmmsg(from.get(), messages_.data(), count_max, MSG_DONTWAIT, nullptr),
                 "recvmmsg");
}

std::span<const char> datagram_batch::received(std::size_t index) const {
  return std::span(bytes_).subspan(index * size_bytes_, messages_[index].msg_len);
}

} // namespace load
