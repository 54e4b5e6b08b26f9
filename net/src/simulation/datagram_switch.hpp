// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "datagram_end.hpp"

#include <vector>

namespace actornet::net::simulation {

class kernel;

/// Which datagram sockets are bound where, and how datagrams find them.
class datagram_switch {
public:
  explicit datagram_switch(kernel& home) noexcept : home_(home) {}

  /// `local` is where `end` is to be bound; port 0 is chosen in it. An errno, or 0.
  int add(const datagram_end_ptr& end, endpoint& local);
  void remove(const datagram_end& end);

  /// What sendto(2) answers: an errno, or 0. Chance decides what becomes of it.
  /// `source`: where it leaves from, if not where that is chosen.
  int send(datagram_end& from, const endpoint& wire, chunk bytes, const endpoint& source);

private:
  bool is_taken(const datagram_end& wanted, const endpoint& local) const;
  std::uint16_t free_port(const datagram_end& wanted, const endpoint& local);

  static endpoint sender(const datagram_end& from, const endpoint& source, std::uint32_t interface,
                         address_family family);
  void travel(datagram_end& from, const wire_datagram& what);
  void arrive(const std::shared_ptr<datagram_end>& from, const wire_datagram& what);
  void arrive_at_all(const datagram_end& from, const wire_datagram& what);
  datagram_end_ptr find(const wire_datagram& what);

  kernel& home_;
  std::vector<datagram_end_ptr> bound_; // who was bound last is last
  std::uint16_t next_port_ = 49152;
};

} // namespace actornet::net::simulation
