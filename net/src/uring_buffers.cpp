// SPDX-License-Identifier: BSD-3-Clause
#include "uring_buffers.hpp"

#include "inline_block.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace actornet::net {

namespace {

// Linux 6.12; the library's header is older, and has these bits as padding.
constexpr unsigned short buffers_are_incremental = 2; // IOU_PBUF_RING_INC
constexpr unsigned more_to_come = 1u << 4;            // IORING_CQE_F_BUF_MORE

// Until 2.4 of the library the flags of a ring of buffers are called padding.
template <class Registration> auto& flags_of(Registration& wanted) noexcept {
  if constexpr (requires { wanted.flags; })
    return wanted.flags;
  else
    return wanted.pad;
}

/// A part of a buffer that others share.
class buffer_slice final : public block {
public:
  buffer_slice(std::size_t charged, block_ptr whole) noexcept
      : block(charged, free), whole_(std::move(whole)) {}

private:
  static void free(block* gone) noexcept { delete static_cast<buffer_slice*>(gone); }

  const block_ptr whole_;
};

} // namespace

expected<std::unique_ptr<uring_buffers>> uring_buffers::make(uring_queue& queue, buffer_pool& pool,
                                                             const uring_options& chosen) {
  std::unique_ptr<uring_buffers> made(new uring_buffers(queue, pool, chosen));
  if (auto done = made->enlist(); !done)
    return fail(done.error());
  return made;
}

uring_buffers::uring_buffers(uring_queue& queue, buffer_pool& pool, const uring_options& chosen)
    : queue_(queue), pool_(pool), options_(chosen), buffers_(chosen.buffers) {}

uring_buffers::~uring_buffers() {
  if (shared_ != nullptr)
    ::munmap(shared_, buffers_.size() * sizeof(io_uring_buf));
}

expected<void> uring_buffers::enlist() {
  auto bytes = buffers_.size() * sizeof(io_uring_buf);
  void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (place == MAP_FAILED)
    return fail(error::system(errno, "mmap"));
  shared_ = static_cast<io_uring_buf_ring*>(place);
  io_uring_buf_reg wanted{};
  wanted.ring_addr = reinterpret_cast<std::uintptr_t>(place);
  wanted.ring_entries = static_cast<unsigned>(buffers_.size());
  wanted.bgid = group;
  int done = -EINVAL;
  if (options_.incremental) {
    flags_of(wanted) = buffers_are_incremental;
    done = io_uring_register_buf_ring(&queue_.ring(), &wanted, 0);
    incremental_ = done == 0;
  }
  if (done == -EINVAL) {
    flags_of(wanted) = 0;
    done = io_uring_register_buf_ring(&queue_.ring(), &wanted, 0);
  }
  if (done < 0)
    return fail(error::system(-done, "io_uring_register"));
  io_uring_buf_ring_init(shared_);
  for (unsigned short i = 0; i < buffers_.size(); ++i)
    offer(i);
  give_back();
  return {};
}

chunk uring_buffers::take(unsigned flags, std::size_t size, const receive_window_ptr& window) {
  auto& from = buffers_[flags >> IORING_CQE_BUFFER_SHIFT];
  assert(from.used + size <= options_.buffer_bytes);
  auto result = size >= options_.share_from_bytes
                    ? share(from, size, window)
                    : inline_block::copy_of({from.block.data + from.used, size}, window);
  advance(flags, size);
  return result;
}

void uring_buffers::drop(unsigned flags, std::size_t size) { advance(flags, size); }

chunk uring_buffers::share(buffer& from, std::size_t size, const receive_window_ptr& window) const {
  // A slice may be the last that keeps its buffer. So none counts less than a quarter of one: what
  // a window holds is never more than four times what it counts.
  auto kept = incremental_ ? std::max(size, options_.buffer_bytes / 4) : options_.buffer_bytes;
  auto* slice = new buffer_slice(sizeof(buffer_slice) + kept, from.block.owner);
  slice->charge(window);
  return chunk::of(block_ptr(slice), from.block.data + from.used, size);
}

void uring_buffers::advance(unsigned flags, std::size_t size) {
  // A ring whose buffers are filled one behind the other gives none away for nothing: the kernel
  // goes on in the one that it has at its front, although it says, until it was mended in 2026,
  // that no more is to come there (io_kbuf_inc_commit() of zero bytes). Offered again, the buffer
  // would be in the ring twice. In other rings it is used up, however few bytes it got.
  if (size == 0 && incremental_)
    return;
  auto number = static_cast<unsigned short>(flags >> IORING_CQE_BUFFER_SHIFT);
  buffers_[number].used += size;
  if ((flags & more_to_come) == 0)
    offer(number);
}

void uring_buffers::offer(unsigned short number) {
  auto& each = buffers_[number];
  // What is in the cache is better than what lies in the pool.
  if (!each.block.owner || each.block.owner->is_shared())
    each.block = pool_.lend();
  each.used = 0;
  io_uring_buf_ring_add(shared_, each.block.data, static_cast<unsigned>(options_.buffer_bytes),
                        number, io_uring_buf_ring_mask(static_cast<unsigned>(buffers_.size())),
                        offered_++);
}

void uring_buffers::give_back() {
  if (offered_ > 0)
    io_uring_buf_ring_advance(shared_, std::exchange(offered_, 0));
}

} // namespace actornet::net
