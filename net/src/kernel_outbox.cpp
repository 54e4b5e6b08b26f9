// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_outbox.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace actornet::net {

namespace {

// Behind those that the message has; there is room.
template <class T> void add_control(msghdr& to, int level, int type, const T& value) noexcept {
  auto* const place = static_cast<char*>(to.msg_control) + to.msg_controllen;
  cmsghdr head{};
  head.cmsg_level = level;
  head.cmsg_type = type;
  head.cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(place, &head, sizeof head);
  std::memcpy(place + CMSG_LEN(0), &value, sizeof value);
  to.msg_controllen += CMSG_SPACE(sizeof value);
}

// A mapped address goes with a destination of IPv4 (ip_cmsg_send() in the kernel).
void add_source(msghdr& to, const endpoint& source) noexcept {
  if (source.family() == address_family::ipv4) {
    in_pktinfo from{};
    std::memcpy(&from.ipi_spec_dst, source.bytes().data(), sizeof from.ipi_spec_dst);
    add_control(to, IPPROTO_IP, IP_PKTINFO, from);
  } else {
    in6_pktinfo from{};
    std::memcpy(&from.ipi6_addr, source.bytes().data(), sizeof from.ipi6_addr);
    from.ipi6_ifindex = source.scope_id();
    add_control(to, IPPROTO_IPV6, IPV6_PKTINFO, from);
  }
}

} // namespace

kernel_outbox::kernel_outbox() : headers_{}, slots_{}, pieces_{} {}

void kernel_outbox::fill(const datagram_queue& unsent, const segmentation& allowed) noexcept {
  count_ = pieces_used_ = 0;
  std::size_t at = 0;
  while (count_ < messages_max && at < unsent.size() && unsent[at].refusal == 0) {
    const auto length = run_length(unsent, at, allowed);
    if (length == 0)
      return;
    add(unsent, at, length);
    at += length;
  }
}

// How many datagrams from `first` on may leave as one; 0 if there is no room for the pieces of the
// first. All but the last are of one size, and the last is not longer.
std::size_t kernel_outbox::run_length(const datagram_queue& unsent, std::size_t first,
                                      const segmentation& allowed) const noexcept {
  const auto& leader = unsent[first];
  auto pieces = static_cast<std::size_t>(leader.end() - leader.begin());
  const auto pieces_left = pieces_max - pieces_used_;
  if (pieces > pieces_left)
    return 0;
  if (first < allowed.singles || leader.bytes == 0 || leader.bytes > allowed.bytes_max)
    return 1;
  auto bytes = leader.bytes;
  std::size_t length = 1;
  for (; length < segments_max && first + length < unsent.size(); ++length) {
    const auto& next = unsent[first + length];
    bytes += next.bytes;
    pieces += static_cast<std::size_t>(next.end() - next.begin());
    if (next.refusal != 0 || next.bytes == 0 || next.bytes > leader.bytes ||
        bytes > run_bytes_max || pieces > pieces_left || next.destination != leader.destination ||
        next.source != leader.source)
      break;
    if (next.bytes < leader.bytes)
      return length + 1;
  }
  return length;
}

void kernel_outbox::add(const datagram_queue& unsent, std::size_t first,
                        std::size_t count) noexcept {
  auto& to = slots_[count_];
  auto& header = headers_[count_].msg_hdr;
  ++count_;
  to.datagrams = count;
  header.msg_iov = &pieces_[pieces_used_];
  for (auto i = first; i < first + count; ++i)
    for (const auto& piece : unsent[i])
      // The kernel does not write to what it sends.
      pieces_[pieces_used_++] = {const_cast<std::byte*>(piece.data()), piece.size()};
  header.msg_iovlen = static_cast<std::size_t>(&pieces_[pieces_used_ - 1] + 1 - header.msg_iov);
  address(header, to, unsent[first].destination);
  header.msg_control = to.control.data();
  header.msg_controllen = 0;
  if (unsent[first].source.family() != address_family::none)
    add_source(header, unsent[first].source);
  if (count > 1)
    add_control(header, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(unsent[first].bytes));
}

void kernel_outbox::address(msghdr& header, slot& to, const endpoint& destination) noexcept {
  header.msg_name = &to.name;
  if (destination.family() == address_family::ipv4) {
    sockaddr_in native{};
    native.sin_family = AF_INET;
    native.sin_port = htons(destination.port());
    std::memcpy(&native.sin_addr, destination.bytes().data(), sizeof native.sin_addr);
    std::memcpy(&to.name, &native, sizeof native);
    header.msg_namelen = sizeof native;
  } else if (destination.family() == address_family::ipv6) {
    to.name = {};
    to.name.sin6_family = AF_INET6;
    to.name.sin6_port = htons(destination.port());
    to.name.sin6_scope_id = destination.scope_id();
    std::memcpy(&to.name.sin6_addr, destination.bytes().data(), sizeof to.name.sin6_addr);
    header.msg_namelen = sizeof to.name;
  } else {
    header.msg_name = nullptr;
    header.msg_namelen = 0;
  }
}

int kernel_outbox::send(int number) noexcept {
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  int taken = 0;
  do
    taken = ::sendmmsg(number, headers_.data(), static_cast<unsigned>(count_), flags);
  while (taken < 0 && errno == EINTR);
  return taken < 0 ? -errno : taken;
}

} // namespace actornet::net
