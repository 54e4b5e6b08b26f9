// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/udp_messages.hpp>

#include <caf/meta/type_name.hpp>

/// As message_inspection.hpp, for the messages of UDP endpoints.
namespace actornet {

// clang-format off
#define ACTORNET_INSPECT(message, ...)                                                             \
  template <class Inspector>                                                                       \
  typename Inspector::result_type inspect(Inspector& f, [[maybe_unused]] message& x) {             \
    return f(caf::meta::type_name("actornet1." #message) __VA_OPT__(, ) __VA_ARGS__);              \
  }

ACTORNET_INSPECT(destination, x.address, x.host, x.port, x.from)
ACTORNET_INSPECT(send, x.bytes, x.to, x.offset, x.length)
ACTORNET_INSPECT(send_pieces, x.pieces, x.to)
ACTORNET_INSPECT(send_batch, x.all)
ACTORNET_INSPECT(bind, x.local)
ACTORNET_INSPECT(connect, x.to)
ACTORNET_INSPECT(disconnect)
ACTORNET_INSPECT(join, x.group, x.interface, x.source)
ACTORNET_INSPECT(leave, x.group, x.interface, x.source)
ACTORNET_INSPECT(set_ttl, x.hops)
ACTORNET_INSPECT(set_broadcast, x.enabled)
ACTORNET_INSPECT(set_multicast_ttl, x.hops)
ACTORNET_INSPECT(set_multicast_loopback, x.enabled)
ACTORNET_INSPECT(set_multicast_interface, x.interface)
ACTORNET_INSPECT(split_off, x.remote)
ACTORNET_INSPECT(sent, x.bytes, x.keep_going)
ACTORNET_INSPECT(session, x.peer)
ACTORNET_INSPECT(udp_info, x.received, x.bytes_received, x.sent, x.bytes_sent, x.dropped_by_kernel, x.dropped, x.buffered, x.datagrams_buffered, x.window_held, x.window_max, x.receive_buffer_bytes, x.send_buffer_bytes, x.sessions, x.groups, x.state)
ACTORNET_INSPECT(udp_listening, x.at, x.local)
ACTORNET_INSPECT(udp_connected, x.at, x.local, x.remote)
ACTORNET_INSPECT(datagram, x.at, x.bytes, x.from, x.local, x.interface, x.received_at_ns, x.type_of_service)
ACTORNET_INSPECT(datagrams, x.at, x.all)
ACTORNET_INSPECT(udp_accepted, x.at, x.peer, x.remote)
ACTORNET_INSPECT(send_failed, x.at, x.count, x.bytes, x.why)
ACTORNET_INSPECT(udp_failed, x.at, x.why)
ACTORNET_INSPECT(udp_drain, x.at)
ACTORNET_INSPECT(udp_closed, x.at, x.had_error, x.reason, x.received, x.sent)

#undef ACTORNET_INSPECT
// clang-format on

template <class Inspector> typename Inspector::result_type inspect(Inspector& f, send_text& x) {
  return net::inspect_encoded(f, x.encoding, caf::meta::type_name("actornet1.send_text"), x.text,
                              x.to);
}

/// Calls `visit.template operator()<Message>(name)` for every type of message of UDP endpoints.
template <class Visitor> void for_each_udp_message(Visitor&& visit) {
  visit.template operator()<send>("actornet1.send");
  visit.template operator()<send_text>("actornet1.send_text");
  visit.template operator()<send_pieces>("actornet1.send_pieces");
  visit.template operator()<send_batch>("actornet1.send_batch");
  visit.template operator()<bind>("actornet1.bind");
  visit.template operator()<connect>("actornet1.connect");
  visit.template operator()<disconnect>("actornet1.disconnect");
  visit.template operator()<join>("actornet1.join");
  visit.template operator()<leave>("actornet1.leave");
  visit.template operator()<set_ttl>("actornet1.set_ttl");
  visit.template operator()<set_broadcast>("actornet1.set_broadcast");
  visit.template operator()<set_multicast_ttl>("actornet1.set_multicast_ttl");
  visit.template operator()<set_multicast_loopback>("actornet1.set_multicast_loopback");
  visit.template operator()<set_multicast_interface>("actornet1.set_multicast_interface");
  visit.template operator()<split_off>("actornet1.split_off");
  visit.template operator()<sent>("actornet1.sent");
  visit.template operator()<session>("actornet1.session");
  visit.template operator()<udp_info>("actornet1.udp_info");
  visit.template operator()<udp_listening>("actornet1.udp_listening");
  visit.template operator()<udp_connected>("actornet1.udp_connected");
  visit.template operator()<datagram>("actornet1.datagram");
  visit.template operator()<datagrams>("actornet1.datagrams");
  visit.template operator()<udp_accepted>("actornet1.udp_accepted");
  visit.template operator()<send_failed>("actornet1.send_failed");
  visit.template operator()<udp_failed>("actornet1.udp_failed");
  visit.template operator()<udp_drain>("actornet1.udp_drain");
  visit.template operator()<udp_closed>("actornet1.udp_closed");
}

} // namespace actornet
