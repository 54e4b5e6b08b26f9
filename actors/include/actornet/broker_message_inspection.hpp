// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/broker_messages.hpp>
#include <actornet/inspect.hpp>

#include <caf/meta/type_name.hpp>

/// Of the messages of brokers, what <actornet/message_inspection.hpp> has of the others.
namespace actornet {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, connection_limits& x) {
  return f(caf::meta::type_name("actornet1.connection_limits"), x.total, x.per_listener,
           x.per_address, x.per_prefix, x.accepts_per_second, x.accepts_burst);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, set_limits& x) {
  return f(caf::meta::type_name("actornet1.set_limits"), x.limits);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_over_limit& x) {
  return f(caf::meta::type_name("actornet1.set_over_limit"), x.policy, x.farewell);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, set_access& x) {
  return f(caf::meta::type_name("actornet1.set_access"), x.allow, x.deny);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, get_use& x) {
  return f(caf::meta::type_name("actornet1.get_use"), x.remote);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, address_use& x) {
  return f(caf::meta::type_name("actornet1.address_use"), x.from_address, x.from_prefix);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, refusals& x) {
  return f(caf::meta::type_name("actornet1.refusals"), x.max_connections, x.max_per_address,
           x.max_per_prefix, x.accept_rate, x.denied, x.no_descriptors);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, listener_use& x) {
  return f(caf::meta::type_name("actornet1.listener_use"), x.from, x.connections, x.accepted,
           x.refused);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, broker_info& x) {
  return f(caf::meta::type_name("actornet1.broker_info"), x.limits, x.policy, x.connections,
           x.accepted, x.refused, x.addresses, x.listeners);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, limit_reached& x) {
  return f(caf::meta::type_name("actornet1.limit_reached"), x.from, x.scope, x.where, x.who);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, limit_cleared& x) {
  return f(caf::meta::type_name("actornet1.limit_cleared"), x.from, x.scope, x.where);
}

template <class Visitor> void for_each_broker_message(Visitor& visit) {
  visit.template operator()<connection_limits>("actornet1.connection_limits");
  visit.template operator()<set_limits>("actornet1.set_limits");
  visit.template operator()<set_over_limit>("actornet1.set_over_limit");
  visit.template operator()<set_access>("actornet1.set_access");
  visit.template operator()<get_use>("actornet1.get_use");
  visit.template operator()<address_use>("actornet1.address_use");
  visit.template operator()<refusals>("actornet1.refusals");
  visit.template operator()<listener_use>("actornet1.listener_use");
  visit.template operator()<broker_info>("actornet1.broker_info");
  visit.template operator()<limit_reached>("actornet1.limit_reached");
  visit.template operator()<limit_cleared>("actornet1.limit_cleared");
}

} // namespace actornet
