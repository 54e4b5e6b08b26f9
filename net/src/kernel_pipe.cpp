// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_pipe.hpp"

#include "socket_calls.hpp"

#include <actornet/net/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace actornet::net {

namespace {

constexpr unsigned splice_flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
constexpr std::size_t chunk_bytes_max = 64 * 1024;

} // namespace

expected<std::unique_ptr<kernel_pipe>> kernel_pipe::make() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0)
    return fail(error::system(errno, "pipe2"));
  for (auto wanted = bytes_wanted; wanted > chunk_bytes_max; wanted /= 4)
    if (::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(wanted)) >= 0)
      break;
  return std::make_unique<kernel_pipe>(descriptor(ends[0], kernel_descriptors()),
                                       descriptor(ends[1], kernel_descriptors()));
}

std::ptrdiff_t kernel_pipe::fill_from(int number, std::size_t most) noexcept {
  most = std::min(most, bytes_wanted - std::min(bytes_, bytes_wanted));
  if (most == 0)
    return -EAGAIN;
  ssize_t count = 0;
  do
    count = ::splice(number, nullptr, in_.number(), nullptr, most, splice_flags);
  while (count < 0 && errno == EINTR);
  if (count < 0)
    return -errno;
  bytes_ += static_cast<std::size_t>(count);
  return count;
}

std::size_t kernel_pipe::fill_with(const chunk& bytes) noexcept {
  ssize_t count = 0;
  do
    count = ::write(in_.number(), bytes.data(), bytes.size());
  while (count < 0 && errno == EINTR);
  const auto taken = count < 0 ? 0 : static_cast<std::size_t>(count);
  bytes_ += taken;
  return taken;
}

std::ptrdiff_t kernel_pipe::empty_into(int number) noexcept {
  ssize_t count = 0;
  do
    count = ::splice(out_.number(), nullptr, number, nullptr, bytes_, splice_flags);
  while (count < 0 && errno == EINTR);
  if (count < 0)
    return -errno;
  bytes_ -= static_cast<std::size_t>(count);
  return count;
}

void kernel_pipe::take_back(std::vector<chunk>& into) {
  while (bytes_ > 0) {
    std::vector<std::byte> taken(std::min(bytes_, chunk_bytes_max));
    const auto count = ::read(out_.number(), taken.data(), taken.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      break; // it holds what was counted: this cannot be
    taken.resize(static_cast<std::size_t>(count));
    bytes_ -= taken.size();
    into.push_back(chunk::from(std::move(taken)));
  }
}

} // namespace actornet::net
