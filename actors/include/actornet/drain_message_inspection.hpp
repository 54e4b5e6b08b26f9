// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/drain_messages.hpp>
#include <actornet/inspect.hpp>

#include <caf/meta/type_name.hpp>

/// Of the messages of draining and supervision, what <actornet/message_inspection.hpp> has of the
/// others.
namespace actornet {

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, wind_down& x) {
  return f(caf::meta::type_name("actornet1.wind_down"), x.deadline_ms);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, draining& x) {
  return f(caf::meta::type_name("actornet1.draining"), x.peer, x.deadline_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain_progress& x) {
  return f(caf::meta::type_name("actornet1.drain_progress"), x.from, x.left, x.finished);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, handler_failed& x) {
  return f(caf::meta::type_name("actornet1.handler_failed"), x.from, x.peer, x.why);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, listener_restarted& x) {
  return f(caf::meta::type_name("actornet1.listener_restarted"), x.from, x.why, x.restarts);
}

template <class Visitor> void for_each_drain_message(Visitor& visit) {
  visit.template operator()<wind_down>("actornet1.wind_down");
  visit.template operator()<draining>("actornet1.draining");
  visit.template operator()<drain_progress>("actornet1.drain_progress");
  visit.template operator()<handler_failed>("actornet1.handler_failed");
  visit.template operator()<listener_restarted>("actornet1.listener_restarted");
}

} // namespace actornet
