// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "listener_end.hpp"
#include "random.hpp"

#include <set>
#include <vector>

namespace actornet::net::simulation {

/// Which addresses are taken, and by whom.
class bindings {
public:
  /// Adds; the errno that bind(2) or listen(2) would give, or 0.
  int add(const listener_end_ptr& listener);
  void remove(const listener_end& listener);
  /// Who gets a connect to `wire`; one of several by chance (SO_REUSEPORT). Null: nobody.
  listener_end_ptr find(const endpoint& wire, random& dice) const;

  /// For the near end of a connect: false if it is taken.
  bool hold(const endpoint& local);
  void release(const endpoint& local);

  /// A port that nobody has at that address, 0 if there is none left.
  std::uint16_t free_port(const endpoint& address);

private:
  bool is_free(const endpoint& local) const;

  std::vector<listener_end_ptr> listeners_;
  std::set<endpoint> held_;
  std::uint16_t next_port_ = 49152;
};

} // namespace actornet::net::simulation
