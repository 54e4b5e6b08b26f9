// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_intake.hpp"

#include "inline_block.hpp"
#include "trailing_bytes.hpp"

#include <netinet/udp.h>
#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <new>

namespace actornet::net {

namespace {

template <class T> T read_as(const cmsghdr& from) noexcept {
  T value{};
  std::memcpy(&value, CMSG_DATA(&from), sizeof value);
  return value;
}

endpoint of_ipv4(const in_addr& address, std::uint16_t port) {
  endpoint::ipv4_bytes bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return endpoint::ipv4(bytes, port);
}

endpoint of_ipv6(const in6_addr& address, std::uint16_t port, std::uint32_t scope) {
  endpoint::ipv6_bytes bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return endpoint::ipv6(bytes, port, scope);
}

endpoint sender(const sockaddr_in6& name) {
  if (name.sin6_family == AF_INET6)
    return of_ipv6(name.sin6_addr, ntohs(name.sin6_port), name.sin6_scope_id);
  sockaddr_in native{};
  std::memcpy(&native, &name, sizeof native);
  return native.sin_family == AF_INET ? of_ipv4(native.sin_addr, ntohs(native.sin_port))
                                      : endpoint();
}

received_datagram::time_stamp time_of(const timespec& stamp) noexcept {
  return received_datagram::time_stamp(std::chrono::seconds(stamp.tv_sec) +
                                       std::chrono::nanoseconds(stamp.tv_nsec));
}

// ip(7) gives the byte alone, ipv6(7) an int.
std::uint8_t service_of(const cmsghdr& from) noexcept {
  return from.cmsg_len >= CMSG_LEN(sizeof(int)) ? static_cast<std::uint8_t>(read_as<int>(from))
                                                : read_as<std::uint8_t>(from);
}

void read_ip_fact(const cmsghdr& from, received_datagram& to) {
  if (from.cmsg_type == IP_PKTINFO) {
    auto info = read_as<in_pktinfo>(from);
    // On a socket of IPv6 the other one tells, in its way.
    if (to.local.family() == address_family::none)
      to.local = of_ipv4(info.ipi_addr, 0);
    to.interface = static_cast<std::uint32_t>(info.ipi_ifindex);
  } else if (from.cmsg_type == IP_TOS) {
    to.type_of_service = service_of(from);
  }
}

void read_ipv6_fact(const cmsghdr& from, received_datagram& to) {
  if (from.cmsg_type == IPV6_PKTINFO) {
    auto info = read_as<in6_pktinfo>(from);
    to.interface = info.ipi6_ifindex;
    to.local = of_ipv6(info.ipi6_addr, 0, info.ipi6_ifindex);
  } else if (from.cmsg_type == IPV6_TCLASS) {
    to.type_of_service = service_of(from);
  }
}

} // namespace

kernel_intake::kernel_intake(buffer_pool& pool) : pool_(pool), headers_{}, slots_{} {}

kernel_intake::~kernel_intake() {
  if (room_ != nullptr)
    ::munmap(room_, small_count * datagram_bytes_max);
}

// -- receiving ------------------------------------------------------------------------------------

bool kernel_intake::has_room() {
  if (room_ != nullptr)
    return true;
  constexpr auto bytes = small_count * datagram_bytes_max;
  void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED)
    return false;
  // A huge page would be memory that is never used.
  ::madvise(place, bytes, MADV_NOHUGEPAGE);
  room_ = static_cast<std::byte*>(place);
  return true;
}

void kernel_intake::prepare(way how, bool with_control) noexcept {
  if (way_ != how || with_control_ != with_control || headers_[0].msg_hdr.msg_iov == nullptr) {
    way_ = how;
    with_control_ = with_control;
    for (std::size_t i = 0; i < headers_.size(); ++i)
      lay_out(i);
    used_ = count_max(how);
  }
  // Only what the last call has changed.
  for (std::size_t i = 0; i < static_cast<std::size_t>(used_); ++i) {
    auto& header = headers_[i].msg_hdr;
    header.msg_namelen = sizeof slots_[i].name;
    header.msg_controllen = with_control ? slots_[i].control.size() : 0;
    if (how == way::large)
      slots_[i].pieces[0].iov_base = blocks_[i].data;
  }
  used_ = 0;
}

void kernel_intake::lay_out(std::size_t at) noexcept {
  auto& place = slots_[at];
  auto& header = headers_[at].msg_hdr;
  if (way_ == way::large) {
    place.pieces[0].iov_len = datagram_bytes_max;
  } else {
    constexpr auto tail_bytes = datagram_bytes_max - head_bytes;
    place.pieces[0] = {room_ + at * head_bytes, head_bytes};
    place.pieces[1] = {room_ + small_count * head_bytes + at * tail_bytes, tail_bytes};
  }
  header.msg_iov = place.pieces.data();
  header.msg_iovlen = way_ == way::large ? 1 : 2;
  header.msg_name = &place.name;
  header.msg_control = with_control_ ? place.control.data() : nullptr;
}

int kernel_intake::receive(int number, way how, bool with_control) noexcept {
  try {
    if (how == way::large)
      blocks_.resize(large_count);
    for (auto& each : blocks_)
      if (how == way::large && !each.owner)
        each = pool_.lend();
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  if (how == way::small && !has_room())
    return -ENOMEM;
  prepare(how, with_control);
  const auto most = static_cast<unsigned>(count_max(how));
  int count = 0;
  do
    count = ::recvmmsg(number, headers_.data(), most, MSG_DONTWAIT, nullptr);
  while (count < 0 && errno == EINTR);
  // A failed one may have been written to, too.
  used_ = std::min(std::max(count, 0) + 1, count_max(how));
  return count < 0 ? -errno : count;
}

// socket(7), SO_RCVBUF: memory is counted, and not bytes. Beside a datagram there are some hundred
// of them on the loopback, and a page's half or more where a network card put it.
std::size_t kernel_intake::buffered_bytes(int messages) const noexcept {
  constexpr std::size_t bytes_beside = 2048;
  std::size_t bytes = 0;
  for (int i = 0; i < messages; ++i)
    bytes += bytes_beside + size_of(i);
  return bytes;
}

// -- what came ------------------------------------------------------------------------------------

std::span<received_datagram> kernel_intake::collect(int messages,
                                                    const receive_window_ptr& window) {
  saw_large_ = false;
  for (int i = 0; i < messages;) {
    if (may_share(i)) {
      i = collect_shared(i, messages, window);
    } else {
      collect_alone(i, window);
      ++i;
    }
  }
  return batch_;
}

std::size_t kernel_intake::size_of(int index) const noexcept {
  return headers_[static_cast<std::size_t>(index)].msg_len;
}

bool kernel_intake::may_share(int index) const noexcept { return size_of(index) <= head_bytes; }

// As many as fit into one block, from `first` on; the index behind them.
int kernel_intake::collect_shared(int first, int end, const receive_window_ptr& window) {
  std::size_t bytes = 0;
  int last = first;
  while (last < end && may_share(last) &&
         (last == first || bytes + size_of(last) <= shared_bytes_max))
    bytes += size_of(last++);
  auto* const made = bytes > 0 ? trailing_bytes<inline_block>::make(bytes) : nullptr;
  auto* to = made != nullptr ? trailing_bytes<inline_block>::of(made) : nullptr;
  if (made != nullptr)
    made->charge(window);
  block_ptr owner(made);
  for (int i = first; i < last; ++i) {
    const auto size = size_of(i);
    if (size == 0) {
      emit(i, {});
      continue;
    }
    copy_message(i, to);
    emit(i, chunk::of(owner, to, size));
    to += size;
  }
  return last;
}

void kernel_intake::collect_alone(int index, const receive_window_ptr& window) {
  const auto size = size_of(index);
  saw_large_ = true;
  if (way_ == way::large && size >= give_away_from)
    return emit(index, take_block(index, window));
  auto* const made = trailing_bytes<inline_block>::make(size);
  auto* const to = trailing_bytes<inline_block>::of(made);
  made->charge(window);
  block_ptr owner(made);
  copy_message(index, to);
  emit(index, chunk::of(std::move(owner), to, size));
}

chunk kernel_intake::take_block(int index, const receive_window_ptr& window) {
  auto taken = std::exchange(blocks_[static_cast<std::size_t>(index)], {});
  taken.owner->charge(window);
  return chunk::of(std::move(taken.owner), taken.data, size_of(index));
}

void kernel_intake::copy_message(int index, std::byte* to) const noexcept {
  const auto& pieces = slots_[static_cast<std::size_t>(index)].pieces;
  const auto size = size_of(index);
  const auto in_first = std::min(size, pieces[0].iov_len);
  std::memcpy(to, pieces[0].iov_base, in_first);
  if (in_first < size)
    std::memcpy(to + in_first, pieces[1].iov_base, size - in_first);
}

// Who sent it, and what the control messages say; the size of the datagrams, if several came as
// one, else 0.
std::size_t kernel_intake::read_facts(int index, received_datagram& to) const {
  const auto at = static_cast<std::size_t>(index);
  assert((headers_[at].msg_hdr.msg_flags & MSG_TRUNC) == 0);
  to.from = sender(slots_[at].name);
  if (headers_[at].msg_hdr.msg_controllen == 0)
    return 0;
  std::size_t segment_bytes = 0;
  auto header = headers_[at].msg_hdr; // a constant one has no second control message
  for (auto* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level == IPPROTO_IP)
      read_ip_fact(*each, to);
    else if (each->cmsg_level == IPPROTO_IPV6)
      read_ipv6_fact(*each, to);
    else if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_TIMESTAMPNS)
      to.received_at = time_of(read_as<timespec>(*each));
    else if (each->cmsg_level == IPPROTO_UDP && each->cmsg_type == UDP_GRO)
      segment_bytes = static_cast<std::size_t>(read_as<int>(*each));
  }
  return segment_bytes;
}

void kernel_intake::emit(int index, chunk bytes) {
  auto& first = batch_.emplace_back();
  const auto segment_bytes = read_facts(index, first);
  if (segment_bytes == 0 || bytes.size() <= segment_bytes) {
    first.bytes = std::move(bytes);
    return;
  }
  const auto facts = std::move(first);
  batch_.pop_back();
  emit_segments(facts, bytes, segment_bytes);
}

void kernel_intake::emit_segments(const received_datagram& facts, const chunk& bytes,
                                  std::size_t size) {
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    batch_.push_back(facts);
    batch_.back().bytes = bytes.slice(at, size);
  }
}

} // namespace actornet::net
