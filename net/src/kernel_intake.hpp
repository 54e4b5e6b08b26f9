// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/buffer_pool.hpp>
#include <actornet/net/received_datagram.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace actornet::net {

/// Where the datagrams of a loop are received: recvmmsg(2). One for all its sockets, so that no
/// memory belongs to one that is idle.
///
/// A datagram may have 64 KiB and most have little. So there are two ways. *Small*: 64 at once,
/// each into 2 KiB that lie close together, with room for the rest behind, which costs no memory
/// until it is used; what came is copied out, several into one block. *Large*: 16 at once, each
/// into a block of its own, which is given away if much is in it. A socket changes between them by
/// what it gets.
class kernel_intake {
public:
  explicit kernel_intake(buffer_pool& pool);
  ~kernel_intake();
  kernel_intake(const kernel_intake&) = delete;
  kernel_intake& operator=(const kernel_intake&) = delete;

  enum class way { small, large };

  /// How many messages came, 1 to `count_max(how)`; or -errno. ENOMEM if there is no memory to
  /// receive into. `with_control`: the socket was asked to report something, or to take several
  /// datagrams as one.
  int receive(int number, way how, bool with_control) noexcept;
  /// What the receive buffer may have counted for the `messages` that were received last.
  std::size_t buffered_bytes(int messages) const noexcept;
  /// The datagrams of the `messages` that were received last, charged to `window`; valid until
  /// `forget`.
  std::span<received_datagram> collect(int messages, const receive_window_ptr& window);
  /// One of the last that were collected did not fit into what is ready for small ones.
  bool saw_large() const noexcept { return saw_large_; }
  /// What nobody took of them is freed.
  void forget() noexcept { batch_.clear(); }

  static constexpr int count_max(way how) noexcept {
    return how == way::small ? small_count : large_count;
  }

private:
  static constexpr int small_count = 64;
  static constexpr int large_count = 16;
  static constexpr std::size_t head_bytes = 2048;
  static constexpr std::size_t datagram_bytes_max = 65536;
  // Small datagrams that came together share blocks of this size. One of 10 bytes that is kept
  // keeps no more.
  static constexpr std::size_t shared_bytes_max = 4096;
  // From here on the block goes out; as in `buffer_pool`.
  static constexpr std::size_t give_away_from = 16 * 1024;

  struct slot {
    std::array<iovec, 2> pieces;
    sockaddr_in6 name; // or a sockaddr_in
    alignas(cmsghdr) std::array<char, 256> control;
  };
  bool has_room();
  void prepare(way how, bool with_control) noexcept;
  void lay_out(std::size_t at) noexcept;
  std::size_t read_facts(int index, received_datagram& to) const;
  void emit_segments(const received_datagram& facts, const chunk& bytes, std::size_t size);
  std::size_t size_of(int index) const noexcept;
  bool may_share(int index) const noexcept;
  int collect_shared(int first, int end, const receive_window_ptr& window);
  void collect_alone(int index, const receive_window_ptr& window);
  chunk take_block(int index, const receive_window_ptr& window);
  void copy_message(int index, std::byte* to) const noexcept;
  void emit(int index, chunk bytes);

  buffer_pool& pool_;
  way way_ = way::small;
  bool with_control_ = false;
  int used_ = 0; // slots that the last call has written to
  bool saw_large_ = false;
  std::byte* room_ = nullptr; // of the small ones: all heads, then all that may follow
  std::vector<buffer_pool::lent_block> blocks_;
  std::array<mmsghdr, small_count> headers_;
  std::array<slot, small_count> slots_;
  std::vector<received_datagram> batch_;
};

} // namespace actornet::net
