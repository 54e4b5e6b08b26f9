// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "watcher.hpp"

#include <actornet/net/datagram_socket.hpp>
#include <actornet/net/instant.hpp>

#include <deque>
#include <memory>
#include <vector>

namespace actornet::net::simulation {

class kernel;

/// A datagram on its way. Addresses are as they travel: IPv4 is never mapped.
struct wire_datagram {
  chunk bytes;
  endpoint from;
  endpoint to;
  std::uint32_t interface = 0;
  std::uint8_t type_of_service = 0;
  instant arrived{};
};

/// A datagram socket, as the kernel holds it: what a descriptor stands for.
class datagram_end : public std::enable_shared_from_this<datagram_end> {
public:
  /// `host`: sockets of one host hear the multicast that it loops back.
  datagram_end(kernel& home, const void* host, const datagram_options& chosen);
  datagram_end(const datagram_end&) = delete;
  datagram_end& operator=(const datagram_end&) = delete;

  // For whoever holds the end: a backend's socket, or a peer.

  void watch(watcher* who) noexcept { watcher_ = who; }
  const datagram_options& chosen() const noexcept { return chosen_; }
  const endpoint& local() const noexcept { return local_; }
  /// As it travels; family `none` if it is not connected.
  const endpoint& remote() const noexcept { return remote_; }
  bool is_connected() const noexcept { return remote_.family() != address_family::none; }
  /// Whether it may send to, and hear from, that address.
  bool carries(const endpoint& wire) const noexcept;

  // The next answer an errno, or 0.

  int bind(const endpoint& where);
  int connect(const endpoint& wire);
  void disconnect();
  /// `source`: of this host, and as it travels; none: what the host chooses.
  int send(chunk bytes, const endpoint& wire, const endpoint& source = {});
  int join(const group_membership& what) { return change(what, true); }
  int leave(const group_membership& what) { return change(what, false); }
  int set(const datagram_settings& chosen);

  bool has_waiting() const noexcept { return !waiting_.empty(); }
  wire_datagram take();
  /// What came back of something sent; it is told once.
  int take_error() noexcept;
  bool has_error() const noexcept { return error_ != 0; }

  std::uint32_t drops() const noexcept { return drops_; }
  std::size_t send_buffer_bytes() const noexcept { return send_buffer_bytes_; }
  std::size_t receive_buffer_bytes() const noexcept { return receive_buffer_bytes_; }

  /// Harmless to repeat.
  void close();
  bool is_closed() const noexcept { return closed_; }

  // For the network.

  const void* host() const noexcept { return host_; }
  const datagram_settings& settings() const noexcept { return settings_; }
  std::uint32_t multicast_index() const noexcept { return multicast_index_; }
  bool is_member(const wire_datagram& what) const;
  void arrive(wire_datagram what);
  void arrive_error(int number);
  /// When the last that it sent arrives: others do not overtake, unless chance wants it.
  instant last_arrival{};

private:
  struct member {
    endpoint group;
    int interface;
    endpoint source;
    friend bool operator==(const member&, const member&) = default;
  };

  int change(const group_membership& what, bool joining);
  int change_on(const member& which, bool joining);
  void set_buffers(const datagram_settings& chosen) noexcept;
  void changed();

  kernel& home_;
  const void* const host_;
  datagram_options chosen_;
  datagram_settings settings_;
  std::uint32_t multicast_index_;
  watcher* watcher_ = nullptr;
  endpoint local_;
  endpoint bound_; // before it was connected
  endpoint remote_;
  std::vector<member> members_;
  std::deque<wire_datagram> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t send_buffer_bytes_;
  std::size_t receive_buffer_bytes_;
  std::uint32_t drops_ = 0;
  int error_ = 0;
  bool closed_ = false;
};

using datagram_end_ptr = std::shared_ptr<datagram_end>;

} // namespace actornet::net::simulation
