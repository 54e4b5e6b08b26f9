// SPDX-License-Identifier: BSD-3-Clause
#include "name_table.hpp"

#include <utility>

namespace actornet::net::simulation {

namespace {

error not_resolved(const name_query& query, std::string code) {
  auto why = error::of(trouble::not_resolved, "getaddrinfo", {});
  why.address = query.host;
  why.port = query.port;
  why.resolver_code = std::move(code);
  return why;
}

expected<std::vector<endpoint>> answer_of(const name_table::entry& known, const name_query& query) {
  if (!known.failure.empty())
    return fail(not_resolved(query, known.failure));
  std::vector<endpoint> found;
  for (const auto& each : known.addresses)
    if (query.family == address_family::none || query.family == each.family())
      found.push_back(each.with_port(query.port));
  if (found.empty())
    return fail(not_resolved(query, "ENOTFOUND"));
  return found;
}

} // namespace

name_table::name_table() {
  set("localhost", {.addresses = {endpoint::loopback_ipv6(0), endpoint::loopback_ipv4(0)}});
}

std::optional<name_table::reply> name_table::ask(const name_query& query) const {
  if (auto numeric = endpoint::parse_ip(query.host, query.port))
    return reply{answer_of({.addresses = {*numeric}}, query), {}};
  auto found = entries_.find(query.host);
  if (found == entries_.end())
    return reply{answer_of({}, query), {}};
  if (found->second.silent)
    return std::nullopt;
  return reply{answer_of(found->second, query), found->second.delay};
}

} // namespace actornet::net::simulation
