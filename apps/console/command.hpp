// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/messages.hpp>

#include <actornet/net/address_list.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace console {

/// What may be sent to a connection and to a listener, as it is sent.
using connection_message =
    std::variant<actornet::write, actornet::finish, actornet::destroy, actornet::reset,
                 actornet::pause, actornet::resume, actornet::set_encoding, actornet::set_timeout,
                 actornet::set_keep_alive, actornet::set_no_delay, actornet::get_address,
                 actornet::get_info, actornet::unpipe, actornet::ref, actornet::unref>;
using listener_message = std::variant<actornet::close, actornet::stop, actornet::pause_accepting,
                                      actornet::resume_accepting, actornet::set_max_connections,
                                      actornet::get_connections, actornet::get_address,
                                      actornet::get_info, actornet::ref, actornet::unref>;

/// And to a UDP endpoint.
using udp_message =
    std::variant<actornet::send, actornet::bind, actornet::connect, actornet::disconnect,
                 actornet::join, actornet::leave, actornet::set_ttl, actornet::set_multicast_ttl,
                 actornet::set_multicast_loopback, actornet::set_multicast_interface,
                 actornet::set_broadcast, actornet::set_type_of_service, actornet::pause,
                 actornet::resume, actornet::get_address, actornet::get_info, actornet::close,
                 actornet::ref, actornet::unref>;

struct to_connection {
  /// None: all of them.
  std::optional<std::uint64_t> number;
  connection_message message;
};
struct to_listener {
  listener_message message;
};
/// Of the listener's clients.
struct change_list {
  enum class list { allow, deny };
  list which = list::allow;
  actornet::net::address_list rules;
};
struct to_udp {
  udp_message message;
};
struct pipe_to_file {
  /// None: all of them.
  std::optional<std::uint64_t> number;
  std::string path;
  bool keep_open = false;
  bool and_data = false;
};
struct write_file {
  std::string path;
  actornet::chunk bytes;
};
struct end_file {
  std::string path;
  actornet::chunk last;
};
struct show_help {};
struct hold_lines {
  std::int64_t duration_ms = 0;
};
struct end_program {};

using action = std::variant<to_connection, to_listener, change_list, to_udp, pipe_to_file,
                            write_file, end_file, show_help, hold_lines, end_program>;

/// One line of input, understood or not.
struct command {
  /// From `#TAG`, which the answer carries.
  std::optional<std::string> tag;
  /// The first word, which names the answer.
  std::string name;
  /// None: not understood.
  std::optional<action> what;
  /// When not understood: what would be right.
  std::string complaint;
};

/// `listening`: there is a listener, to which commands may go.
command parse_command(std::string_view line, bool listening);

/// One line for each command that `parse_command` knows.
std::vector<std::string_view> command_usages(bool listening);

/// Nothing but blanks: not a command at all.
bool is_blank(std::string_view line);

} // namespace console
