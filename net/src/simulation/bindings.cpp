// SPDX-License-Identifier: BSD-3-Clause
#include "bindings.hpp"

#include "wire_address.hpp"

#include <algorithm>
#include <cerrno>

namespace actornet::net::simulation {

namespace {

// RFC 6335, section 6: the dynamic ports.
constexpr std::uint16_t first_port = 49152;
constexpr std::uint16_t last_port = 65535;

} // namespace

int bindings::add(const listener_end_ptr& listener) {
  const auto& wanted = listener->chosen();
  for (const auto& each : listeners_)
    if (overlap(each->local(), each->chosen().ipv6_only, listener->local(), wanted.ipv6_only) &&
        !(each->chosen().reuse_port && wanted.reuse_port))
      return EADDRINUSE;
  listeners_.push_back(listener);
  return 0;
}

void bindings::remove(const listener_end& listener) {
  std::erase_if(listeners_, [&](const listener_end_ptr& each) { return each.get() == &listener; });
}

listener_end_ptr bindings::find(const endpoint& wire, random& dice) const {
  std::vector<listener_end_ptr> exact;
  std::vector<listener_end_ptr> wildcard;
  for (const auto& each : listeners_)
    if (covers(each->local(), each->chosen().ipv6_only, wire))
      (each->local().is_wildcard() ? wildcard : exact).push_back(each);
  const auto& found = exact.empty() ? wildcard : exact;
  if (found.empty())
    return nullptr;
  return found.size() == 1 ? found.front() : found[dice.between(0, found.size() - 1)];
}

bool bindings::is_free(const endpoint& local) const {
  return !held_.contains(local) &&
         std::none_of(listeners_.begin(), listeners_.end(), [&](const listener_end_ptr& each) {
           return overlap(each->local(), each->chosen().ipv6_only, local, false);
         });
}

bool bindings::hold(const endpoint& local) {
  if (!is_free(local))
    return false;
  held_.insert(local);
  return true;
}

void bindings::release(const endpoint& local) { held_.erase(local); }

std::uint16_t bindings::free_port(const endpoint& address) {
  for (int tries = 0; tries <= last_port - first_port; ++tries) {
    auto port = next_port_;
    next_port_ = port == last_port ? first_port : static_cast<std::uint16_t>(port + 1);
    if (is_free(address.with_port(port)))
      return port;
  }
  return 0;
}

} // namespace actornet::net::simulation
