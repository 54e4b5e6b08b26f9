// SPDX-License-Identifier: BSD-3-Clause
#include "wording.hpp"

#include <string>

namespace console {

namespace {

namespace an = actornet;

std::string_view name_of(an::connection_state state) {
  switch (state) {
  case an::connection_state::connecting:
    return "connecting";
  case an::connection_state::open:
    return "open";
  case an::connection_state::read_only:
    return "read_only";
  case an::connection_state::write_only:
    return "write_only";
  case an::connection_state::closed:
    break;
  }
  return "closed";
}

std::string_view name_of(an::listener_state state) {
  switch (state) {
  case an::listener_state::resolving:
    return "resolving";
  case an::listener_state::listening:
    return "listening";
  case an::listener_state::paused:
    return "paused";
  case an::listener_state::closed:
    break;
  }
  return "closed";
}

std::string_view name_of(an::udp_state state) {
  switch (state) {
  case an::udp_state::unbound:
    return "unbound";
  case an::udp_state::connecting:
    return "connecting";
  case an::udp_state::open:
    return "open";
  case an::udp_state::closing:
    return "closing";
  case an::udp_state::closed:
    break;
  }
  return "closed";
}

json groups_of(const std::vector<an::join>& members) {
  auto made = json::array();
  for (const auto& each : members)
    made.push_back(each.group + (each.interface.empty() ? "" : '@' + each.interface) +
                   (each.source.empty() ? "" : ',' + each.source));
  return made;
}

} // namespace

json fields_of(const an::error& why) {
  json fields{{"code", why.code()}};
  if (!why.syscall.empty())
    fields["syscall"] = why.syscall;
  if (!why.address.empty())
    fields["address"] = why.address;
  if (why.port != 0)
    fields["port"] = why.port;
  fields["message"] = to_string(why);
  return fields;
}

json answer_error(const an::error& why) {
  return {{"code", why.code()}, {"message", to_string(why)}};
}

json fields_of(const an::written& answer) {
  return {
      {"bytes", answer.bytes}, {"keep_going", answer.keep_going}, {"buffered", answer.buffered}};
}

json fields_of(const an::addresses& answer) {
  json fields{{"local", to_string(answer.local)},
              {"family", an::net::to_string(answer.local.family())}};
  if (answer.remote.family() != an::net::address_family::none)
    fields["remote"] = to_string(answer.remote);
  return fields;
}

json fields_of(const an::connection_info& answer) {
  return {{"bytes_read", answer.bytes_read},
          {"bytes_written", answer.bytes_written},
          {"buffered", answer.buffered},
          {"state", name_of(answer.state)}};
}

json fields_of(const an::listener_info& answer) {
  return {{"connections", answer.connections},
          {"accepted", answer.accepted},
          {"dropped", answer.dropped},
          {"state", name_of(answer.state)}};
}

json fields_of(const an::connections& answer) { return {{"count", answer.count}}; }

json fields_of(const an::stopped& answer) { return {{"forced", answer.forced}}; }

json fields_of(const an::sent& answer) { return {{"bytes", answer.bytes}}; }

json fields_of(const an::udp_info& answer) {
  return {{"received", answer.received},       {"sent", answer.sent},
          {"buffered", answer.buffered},       {"state", name_of(answer.state)},
          {"dropped", answer.dropped},         {"dropped_by_kernel", answer.dropped_by_kernel},
          {"groups", groups_of(answer.groups)}};
}

json reports_of(const an::datagram& event) {
  auto made = json::object();
  if (event.local.family() != an::net::address_family::none)
    made.update({{"local", to_string(event.local)}, {"interface", event.interface}});
  if (event.received_at_ns != 0)
    made["received_at_ns"] = event.received_at_ns;
  if (event.type_of_service != 0)
    made["type_of_service"] = event.type_of_service;
  return made;
}

json sender_of(const an::endpoint& from) {
  return {{"address", from.address()},
          {"family", an::net::to_string(from.family())},
          {"port", from.port()}};
}

std::string_view name_of(an::drop_reason reason) {
  switch (reason) {
  case an::drop_reason::max_connections:
    break;
  case an::drop_reason::no_descriptors:
    return "no_descriptors";
  case an::drop_reason::denied:
    return "denied";
  case an::drop_reason::max_per_address:
    return "max_per_address";
  case an::drop_reason::max_per_prefix:
    return "max_per_prefix";
  case an::drop_reason::accept_rate:
    return "accept_rate";
  }
  return "max_connections";
}

} // namespace console
