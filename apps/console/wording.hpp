// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "payload.hpp"

#include <actornet/error.hpp>
#include <actornet/messages.hpp>

#include <string_view>

/// What events and answers say, as fields of their lines.
namespace console {

/// Of an event `failed`: code, system call, address, port and the sentence, as far as there are
/// any.
json fields_of(const actornet::error& why);
/// Of an answer: code and sentence.
json answer_error(const actornet::error& why);

json fields_of(const actornet::written& answer);
json fields_of(const actornet::addresses& answer);
json fields_of(const actornet::connection_info& answer);
json fields_of(const actornet::listener_info& answer);
json fields_of(const actornet::connections& answer);
json fields_of(const actornet::stopped& answer);
json fields_of(const actornet::sent& answer);
json fields_of(const actornet::udp_info& answer);
/// The sender of a datagram.
json sender_of(const actornet::endpoint& from);
/// What the options asked for, and nothing else.
json reports_of(const actornet::datagram& event);

std::string_view name_of(actornet::drop_reason reason);

} // namespace console
