// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>

#include <deque>
#include <map>

namespace actornet::net::simulation {

/// What is to go wrong, by address; port 0 stands for every port.
class fault_script {
public:
  /// Never answered, as opposed to an errno.
  static constexpr int silence = -1;

  /// `number`: an errno, or `silence`.
  void fail_connects(const endpoint& wire, int number) { connects_[wire] = number; }
  void allow_connects(const endpoint& wire) { connects_.erase(wire); }
  /// An errno, `silence`, or 0: nothing is to go wrong.
  int connect_failure(const endpoint& wire) const { return find(connects_, wire); }

  void fail_listens(const endpoint& where, int number) { listens_[where] = number; }
  void allow_listens(const endpoint& where) { listens_.erase(where); }
  int listen_failure(const endpoint& where) const { return find(listens_, where); }

  void fail_next_accept(const endpoint& listener, int number) {
    accepts_[listener].push_back(number);
  }
  int take_accept_failure(const endpoint& listener) {
    auto found = accepts_.find(listener);
    if (found == accepts_.end() || found->second.empty())
      return 0;
    int number = found->second.front();
    found->second.pop_front();
    return number;
  }

  void fail_sends(const endpoint& wire, int number) { sends_[wire] = number; }
  void allow_sends(const endpoint& wire) { sends_.erase(wire); }
  int send_failure(const endpoint& wire) const { return find(sends_, wire); }

private:
  static int find(const std::map<endpoint, int>& rules, const endpoint& where) {
    auto found = rules.find(where);
    if (found == rules.end())
      found = rules.find(where.with_port(0));
    return found == rules.end() ? 0 : found->second;
  }

  std::map<endpoint, int> connects_;
  std::map<endpoint, int> listens_;
  std::map<endpoint, int> sends_;
  std::map<endpoint, std::deque<int>> accepts_;
};

} // namespace actornet::net::simulation
