// SPDX-License-Identifier: BSD-3-Clause
#include "open_listeners.hpp"

#include <cerrno>
#include <utility>

namespace actornet {

using net::endpoint;
using net::error;
using net::expected;
using net::fail;
using net::opened_listener;

namespace {

bool is_without_ipv6(const error& why) {
  return why.number == EAFNOSUPPORT || why.number == EADDRNOTAVAIL;
}

expected<opened_listeners> alone(expected<opened_listener> opened) {
  if (!opened)
    return fail(opened.error());
  opened_listeners result;
  result.push_back(std::move(*opened));
  return result;
}

// Port 0: the port that the system picked for one family may be taken for the other; then once
// more.
expected<opened_listeners> open_loopbacks(net::io_backend& backend, std::uint16_t port,
                                          const net::listen_options& chosen) {
  constexpr int attempts_max = 16;
  for (int attempt = 1;; ++attempt) {
    auto result = alone(backend.open_listener(endpoint::loopback_ipv4(port), chosen));
    if (!result)
      return result;
    auto second = endpoint::loopback_ipv6(result->front().local.port());
    auto opened = backend.open_listener(second, chosen);
    if (opened)
      result->push_back(std::move(*opened));
    else if (port == 0 && opened.error().number == EADDRINUSE && attempt < attempts_max)
      continue;
    else if (!is_without_ipv6(opened.error()))
      return fail(opened.error());
    return result;
  }
}

} // namespace

bool needs_no_resolver(const net::address& where) {
  return where.use == net::scheme::descriptor || where.host == "localhost" ||
         where.numeric().has_value();
}

expected<opened_listeners> open_listeners(net::io_backend& backend, const net::address& where,
                                          const net::listen_options& chosen) {
  if (where.use == net::scheme::descriptor)
    return alone(backend.adopt_listener(where.descriptor, chosen));
  if (where.host == "localhost")
    return open_loopbacks(backend, where.port, chosen);
  auto opened = backend.open_listener(*where.numeric(), chosen);
  if (!opened && where.host == "*" && !chosen.ipv6_only && is_without_ipv6(opened.error()))
    opened = backend.open_listener(endpoint::any_ipv4(where.port), chosen);
  return alone(std::move(opened));
}

} // namespace actornet
