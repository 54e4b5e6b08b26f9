// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/instant.hpp>

#include <optional>
#include <vector>

namespace actornet::net {

class kernel_datagram;

/// When the sockets of a loop are to look for datagrams by themselves (`datagram_pace`). There are
/// few at a time: whoever is in it gets tens of thousands of datagrams a second.
class datagram_looks {
public:
  /// Instead of the time that `who` had, if it had one.
  void put(kernel_datagram& who, instant when);
  void remove(const kernel_datagram& who) noexcept;

  /// When the first one is due; none: there is no one.
  std::optional<instant> next() const noexcept;
  /// Has those look whose time has come. They may put and remove any.
  void call_due(instant now);

private:
  struct look {
    kernel_datagram* who;
    instant when;
  };
  std::vector<look> looks_;
};

} // namespace actornet::net
