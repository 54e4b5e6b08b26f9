// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/broker_message_inspection.hpp>
#include <actornet/drain_message_inspection.hpp>
#include <actornet/messages.hpp>
#include <actornet/pipe_message_inspection.hpp>
#include <actornet/udp_message_inspection.hpp>

#include <caf/meta/type_name.hpp>

/// How CAF prints and serialises the messages: each member in the order of its declaration, under a
/// name with the version of the protocol, since nodes compare names.
namespace actornet {

// clang-format off
#define ACTORNET_INSPECT(message, ...)                                                             \
  template <class Inspector>                                                                       \
  typename Inspector::result_type inspect(Inspector& f, [[maybe_unused]] message& x) {             \
    return f(caf::meta::type_name("actornet1." #message) __VA_OPT__(, ) __VA_ARGS__);              \
  }

ACTORNET_INSPECT(write, x.bytes)
ACTORNET_INSPECT(finish, x.last)
ACTORNET_INSPECT(destroy)
ACTORNET_INSPECT(finish_then_destroy, x.last, x.linger_ms)
ACTORNET_INSPECT(reset)
ACTORNET_INSPECT(pause)
ACTORNET_INSPECT(resume)
ACTORNET_INSPECT(set_handler, x.handler)
ACTORNET_INSPECT(set_timeout, x.idle_ms)
ACTORNET_INSPECT(set_lifetime, x.remaining_ms)
ACTORNET_INSPECT(set_keep_alive, x.enabled, x.delay_ms, x.interval_ms, x.probes)
ACTORNET_INSPECT(set_no_delay, x.enabled)
ACTORNET_INSPECT(set_type_of_service, x.value)
ACTORNET_INSPECT(set_buffer_sizes, x.send_bytes, x.receive_bytes)
ACTORNET_INSPECT(set_user_timeout, x.unacknowledged_ms)
ACTORNET_INSPECT(set_socket_option, x.level, x.name, x.value)
ACTORNET_INSPECT(get_socket_option, x.level, x.name, x.bytes_max)
ACTORNET_INSPECT(close)
ACTORNET_INSPECT(stop, x.deadline_ms, x.reset_rest)
ACTORNET_INSPECT(pause_accepting)
ACTORNET_INSPECT(resume_accepting)
ACTORNET_INSPECT(set_max_connections, x.count)
ACTORNET_INSPECT(get_connections)
ACTORNET_INSPECT(get_address)
ACTORNET_INSPECT(get_info)
ACTORNET_INSPECT(ref)
ACTORNET_INSPECT(unref)
ACTORNET_INSPECT(written, x.bytes, x.keep_going, x.buffered)
ACTORNET_INSPECT(addresses, x.local, x.remote)
ACTORNET_INSPECT(socket_option, x.value)
ACTORNET_INSPECT(connection_info, x.bytes_read, x.bytes_accepted, x.bytes_written, x.bytes_acknowledged, x.buffered, x.window_held, x.window_max, x.state)
ACTORNET_INSPECT(connections, x.count)
ACTORNET_INSPECT(listener_info, x.connections, x.accepted, x.dropped, x.state)
ACTORNET_INSPECT(stopped, x.finished, x.forced, x.served)
ACTORNET_INSPECT(connected, x.peer, x.local, x.remote)
ACTORNET_INSPECT(data, x.peer, x.bytes)
ACTORNET_INSPECT(end, x.peer)
ACTORNET_INSPECT(timeout, x.peer)
ACTORNET_INSPECT(drain, x.peer)
ACTORNET_INSPECT(write_failed, x.peer, x.bytes, x.why)
ACTORNET_INSPECT(failed, x.peer, x.why)
ACTORNET_INSPECT(closed, x.peer, x.had_error, x.reason, x.bytes_read, x.bytes_written)
ACTORNET_INSPECT(listening, x.from, x.local)
ACTORNET_INSPECT(accepted, x.from, x.peer, x.local, x.remote)
ACTORNET_INSPECT(dropped, x.from, x.local, x.remote, x.reason, x.count)
ACTORNET_INSPECT(listener_failed, x.from, x.why)
ACTORNET_INSPECT(listener_closed, x.from, x.had_error)

#undef ACTORNET_INSPECT
// clang-format on

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, write_text& x) {
  return net::inspect_encoded(f, x.encoding, caf::meta::type_name("actornet1.write_text"), x.text);
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, set_encoding& x) {
  return net::inspect_encoded(f, x.encoding, caf::meta::type_name("actornet1.set_encoding"));
}

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, text_data& x) {
  return net::inspect_encoded(f, x.encoding, caf::meta::type_name("actornet1.text_data"), x.peer,
                              x.text);
}

/// Calls `visit.template operator()<Message>(name)` for every type of message.
template <class Visitor> void for_each_message(Visitor&& visit) {
  visit.template operator()<write>("actornet1.write");
  visit.template operator()<write_text>("actornet1.write_text");
  visit.template operator()<finish>("actornet1.finish");
  visit.template operator()<destroy>("actornet1.destroy");
  visit.template operator()<finish_then_destroy>("actornet1.finish_then_destroy");
  visit.template operator()<reset>("actornet1.reset");
  visit.template operator()<pause>("actornet1.pause");
  visit.template operator()<resume>("actornet1.resume");
  visit.template operator()<set_handler>("actornet1.set_handler");
  visit.template operator()<set_encoding>("actornet1.set_encoding");
  visit.template operator()<set_timeout>("actornet1.set_timeout");
  visit.template operator()<set_lifetime>("actornet1.set_lifetime");
  visit.template operator()<set_keep_alive>("actornet1.set_keep_alive");
  visit.template operator()<set_no_delay>("actornet1.set_no_delay");
  visit.template operator()<set_type_of_service>("actornet1.set_type_of_service");
  visit.template operator()<set_buffer_sizes>("actornet1.set_buffer_sizes");
  visit.template operator()<set_user_timeout>("actornet1.set_user_timeout");
  visit.template operator()<set_socket_option>("actornet1.set_socket_option");
  visit.template operator()<get_socket_option>("actornet1.get_socket_option");
  visit.template operator()<close>("actornet1.close");
  visit.template operator()<stop>("actornet1.stop");
  visit.template operator()<pause_accepting>("actornet1.pause_accepting");
  visit.template operator()<resume_accepting>("actornet1.resume_accepting");
  visit.template operator()<set_max_connections>("actornet1.set_max_connections");
  visit.template operator()<get_connections>("actornet1.get_connections");
  visit.template operator()<get_address>("actornet1.get_address");
  visit.template operator()<get_info>("actornet1.get_info");
  visit.template operator()<ref>("actornet1.ref");
  visit.template operator()<unref>("actornet1.unref");
  visit.template operator()<written>("actornet1.written");
  visit.template operator()<addresses>("actornet1.addresses");
  visit.template operator()<socket_option>("actornet1.socket_option");
  visit.template operator()<connection_info>("actornet1.connection_info");
  visit.template operator()<connections>("actornet1.connections");
  visit.template operator()<listener_info>("actornet1.listener_info");
  visit.template operator()<stopped>("actornet1.stopped");
  visit.template operator()<connected>("actornet1.connected");
  visit.template operator()<data>("actornet1.data");
  visit.template operator()<text_data>("actornet1.text_data");
  visit.template operator()<end>("actornet1.end");
  visit.template operator()<timeout>("actornet1.timeout");
  visit.template operator()<drain>("actornet1.drain");
  visit.template operator()<write_failed>("actornet1.write_failed");
  visit.template operator()<failed>("actornet1.failed");
  visit.template operator()<closed>("actornet1.closed");
  visit.template operator()<listening>("actornet1.listening");
  visit.template operator()<accepted>("actornet1.accepted");
  visit.template operator()<dropped>("actornet1.dropped");
  visit.template operator()<listener_failed>("actornet1.listener_failed");
  visit.template operator()<listener_closed>("actornet1.listener_closed");
  for_each_udp_message(visit);
  for_each_pipe_message(visit);
  for_each_drain_message(visit);
  for_each_broker_message(visit);
}

} // namespace actornet
