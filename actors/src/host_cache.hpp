// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/net/endpoint.hpp>
#include <actornet/net/error.hpp>
#include <actornet/net/name_lookup.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace actornet {

class io_loop;

/// Who is told what became of a question. May ask again from within.
class host_answers {
public:
  /// `address` has port 0.
  virtual void on_host_found(const std::string& host, const net::endpoint& address) = 0;
  virtual void on_host_not_found(const std::string& host, const net::error& why) = 0;

protected:
  ~host_answers() = default;
};

/// The addresses of hosts, each asked for once. Loop's thread.
class host_cache {
public:
  /// Of a host's addresses the first of `family` counts; with `any_else` another one if there is
  /// none.
  host_cache(io_loop& home, host_answers& answers, net::address_family family, bool any_else);
  ~host_cache();
  host_cache(const host_cache&) = delete;
  host_cache& operator=(const host_cache&) = delete;

  /// Null: not known (yet).
  const net::endpoint* find(const std::string& host) const;
  /// Asks, unless it is being asked or known; the answer is told later, once.
  void ask(const std::string& host);
  /// Answers that are still to come are not told any more.
  void forget_questions();

private:
  class question;

  void found(const std::string& host, const net::endpoint& address);
  void not_found(const std::string& host, const net::error& why);

  // Names that a program takes from elsewhere must not fill the memory.
  static constexpr std::size_t hosts_max = 1024;

  io_loop& home_;
  host_answers& answers_;
  const net::address_family family_;
  const bool any_else_;
  std::unordered_map<std::string, net::endpoint> known_;
  std::unordered_map<std::string, std::unique_ptr<question>> questions_;
};

} // namespace actornet
