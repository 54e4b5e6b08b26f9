// SPDX-License-Identifier: BSD-3-Clause
#include "command.hpp"

#include "limits.hpp"
#include "operands.hpp"
#include "payload.hpp"

#include <array>
#include <charconv>
#include <functional>
#include <utility>
#include <vector>

namespace console {

namespace {

namespace an = actornet;

using maybe_connection = std::optional<connection_message>;
using maybe_listener = std::optional<listener_message>;

template <class Variant, class Message> std::optional<Variant> plain(operands& rest) {
  return rest.done() ? std::optional<Variant>(Message{}) : std::nullopt;
}

maybe_connection write_of(operands& rest) {
  auto bytes = rest.text();
  return bytes ? maybe_connection(an::write{std::move(*bytes)}) : std::nullopt;
}

maybe_connection write_bytes_of(operands& rest) {
  const auto count = rest.number(bytes_max);
  if (!count || !rest.done())
    return std::nullopt;
  return an::write{generated_bytes(static_cast<std::size_t>(*count))};
}

maybe_connection finish_of(operands& rest) {
  if (!rest.has_text())
    return an::finish{};
  auto last = rest.text();
  return last ? maybe_connection(an::finish{std::move(*last)}) : std::nullopt;
}

maybe_connection encoding_of(operands& rest) {
  const auto name = rest.word();
  const auto named = an::net::text_encoding_named(name);
  if ((!named && name != "none") || !rest.done())
    return std::nullopt;
  return an::set_encoding{named ? std::optional(*named) : std::nullopt};
}

maybe_connection timeout_of(operands& rest) {
  const auto idle_ms = rest.number(duration_ms_max);
  return idle_ms && rest.done() ? maybe_connection(an::set_timeout{*idle_ms}) : std::nullopt;
}

maybe_connection keep_alive_of(operands& rest) {
  const auto enabled = rest.on_or_off();
  const auto delay_ms = rest.done() ? 0 : rest.number(duration_ms_max);
  if (!enabled || !delay_ms || !rest.done())
    return std::nullopt;
  return an::set_keep_alive{*enabled, *delay_ms};
}

maybe_connection no_delay_of(operands& rest) {
  const auto enabled = rest.on_or_off();
  return enabled && rest.done() ? maybe_connection(an::set_no_delay{*enabled}) : std::nullopt;
}

maybe_listener max_connections_of(operands& rest) {
  operands again = rest;
  if (again.word() == "none" && again.done())
    return an::set_max_connections{-1};
  const auto count = rest.number(connections_max);
  return count && rest.done() ? maybe_listener(an::set_max_connections{*count}) : std::nullopt;
}

maybe_listener stop_of(operands& rest) {
  const auto deadline_ms = rest.number(duration_ms_max);
  return deadline_ms && rest.done() ? maybe_listener(an::stop{*deadline_ms}) : std::nullopt;
}

/// Addresses and subnets, or the word for an empty list.
template <change_list::list which> std::optional<action> list_action(operands& rest) {
  constexpr std::string_view empty = which == change_list::list::allow ? "all" : "none";
  std::vector<std::string_view> given;
  while (!rest.done())
    given.push_back(rest.word());
  if (given.size() == 1 && given.front() == empty)
    return change_list{which, {}};
  const auto rules = an::net::address_list::parse(given);
  if (given.empty() || !rules)
    return std::nullopt;
  return change_list{which, *rules};
}

/// A connection's number, or `*`, for which `number` stays empty. False: neither.
bool read_target(operands& rest, std::optional<std::uint64_t>& number) {
  const auto target = rest.word();
  if (target == "*")
    return true;
  number.emplace();
  const auto [end, trouble] = std::from_chars(target.begin(), target.end(), *number);
  return !target.empty() && trouble == std::errc() && end == target.end();
}

std::optional<action> pipe_action(operands& rest) {
  pipe_to_file made;
  if (!read_target(rest, made.number))
    return std::nullopt;
  made.path = rest.word();
  while (!rest.done()) {
    const auto option = rest.word();
    if (option == "keep-open")
      made.keep_open = true;
    else if (option == "and-data")
      made.and_data = true;
    else
      return std::nullopt;
  }
  return made.path.empty() ? std::nullopt : std::optional<action>(made);
}

std::optional<action> file_write_action(operands& rest) {
  write_file made{std::string(rest.word()), {}};
  auto bytes = rest.text();
  if (made.path.empty() || !bytes)
    return std::nullopt;
  made.bytes = std::move(*bytes);
  return made;
}

std::optional<action> file_end_action(operands& rest) {
  end_file made{std::string(rest.word()), {}};
  if (made.path.empty())
    return std::nullopt;
  if (!rest.has_text())
    return made;
  auto last = rest.text();
  if (!last)
    return std::nullopt;
  made.last = std::move(*last);
  return made;
}

template <maybe_connection (*parse)(operands&)>
std::optional<action> connection_action(operands& rest) {
  std::optional<std::uint64_t> number;
  if (!read_target(rest, number))
    return std::nullopt;
  auto message = parse(rest);
  return message ? std::optional<action>(to_connection{number, std::move(*message)}) : std::nullopt;
}

template <maybe_listener (*parse)(operands&)>
std::optional<action> listener_action(operands& rest) {
  auto message = parse(rest);
  return message ? std::optional<action>(to_listener{*message}) : std::nullopt;
}

template <class Message>
constexpr auto for_connection = &connection_action<&plain<connection_message, Message>>;
template <class Message>
constexpr auto for_listener = &listener_action<&plain<listener_message, Message>>;

using syntax = command_syntax;

constexpr std::array grammar{
    syntax{"write", "write N TEXT", &connection_action<&write_of>},
    syntax{"write-bytes", "write-bytes N COUNT", &connection_action<&write_bytes_of>},
    syntax{"finish", "finish N [TEXT]", &connection_action<&finish_of>},
    syntax{"destroy", "destroy N", for_connection<an::destroy>},
    syntax{"reset", "reset N", for_connection<an::reset>},
    syntax{"pause", "pause N", for_connection<an::pause>},
    syntax{"resume", "resume N", for_connection<an::resume>},
    syntax{"pipe", "pipe N PATH [keep-open] [and-data]", &pipe_action},
    syntax{"unpipe", "unpipe N", for_connection<an::unpipe>},
    syntax{"file-write", "file-write PATH TEXT", &file_write_action},
    syntax{"file-end", "file-end PATH [TEXT]", &file_end_action},
    syntax{"encoding", "encoding N NAME|none", &connection_action<&encoding_of>},
    syntax{"timeout", "timeout N MS", &connection_action<&timeout_of>},
    syntax{"keep-alive", "keep-alive N on|off [MS]", &connection_action<&keep_alive_of>},
    syntax{"no-delay", "no-delay N on|off", &connection_action<&no_delay_of>},
    syntax{"address", "address N", for_connection<an::get_address>},
    syntax{"info", "info N", for_connection<an::get_info>},
    syntax{"ref", "ref N", for_connection<an::ref>},
    syntax{"unref", "unref N", for_connection<an::unref>},
    syntax{"connections", "connections", for_listener<an::get_connections>, true},
    syntax{"max-connections", "max-connections COUNT|none", &listener_action<&max_connections_of>,
           true},
    syntax{"allow", "allow CIDR...|all", &list_action<change_list::list::allow>, true},
    syntax{"deny", "deny CIDR...|none", &list_action<change_list::list::deny>, true},
    syntax{"pause-accepting", "pause-accepting", for_listener<an::pause_accepting>, true},
    syntax{"resume-accepting", "resume-accepting", for_listener<an::resume_accepting>, true},
    syntax{"address", "address", for_listener<an::get_address>, true},
    syntax{"info", "info", for_listener<an::get_info>, true},
    syntax{"close", "close", for_listener<an::close>, true},
    syntax{"stop", "stop MS", &listener_action<&stop_of>, true},
    syntax{"ref", "ref", for_listener<an::ref>, true},
    syntax{"unref", "unref", for_listener<an::unref>, true},
    syntax{"help", "help", &program_action<show_help>},
    syntax{"sleep", "sleep MS", &sleep_action},
    syntax{"quit", "quit", &program_action<end_program>},
};

std::string every_usage(bool listening) {
  std::string all;
  for (const auto usage : command_usages(listening))
    all += (all.empty() ? "expected one of: " : ", ") + std::string(usage);
  return all;
}

/// Finds the first reading of the line that makes sense; else says which ones would.
void understand(command& made, std::string_view rest, bool listening) {
  std::string usages;
  std::string limit;
  for (const auto& known : grammar) {
    if (known.name != made.name || (known.needs_listener && !listening))
      continue;
    operands given(rest);
    made.what = known.parse(given);
    if (made.what)
      return;
    usages += (usages.empty() ? "" : " or ") + std::string(known.usage);
    limit += given.about_limit();
  }
  if (usages.find("TEXT") != usages.npos)
    usages += " (N: a connection's number or *; TEXT: the rest of the line, or a JSON string, or "
              "hex:..., or base64:...)";
  else if (usages.find("NAME") != usages.npos)
    usages += " (N: a connection's number or *; NAME: utf8, utf16le, latin1, ascii, hex, base64 or "
              "base64url; none: bytes)";
  else if (usages.find(" N") != usages.npos)
    usages += " (N: a connection's number or *)";
  made.complaint = usages.empty() ? every_usage(listening) : "expected: " + usages + limit;
}

} // namespace

command parse_tagged(std::string_view line,
                     const std::function<void(command&, std::string_view)>& understand) {
  command made;
  operands words(line);
  auto first = words.word();
  const bool is_tagged = first.starts_with('#');
  if (is_tagged && first.size() > 1)
    made.tag = first.substr(1);
  if (is_tagged)
    first = words.word();
  made.name = first;
  if (is_tagged && !made.tag)
    made.complaint = "expected #TAG with a tag of at least one character, then a command";
  else
    understand(made, line.substr(static_cast<std::size_t>(first.end() - line.begin())));
  return made;
}

command parse_command(std::string_view line, bool listening) {
  return parse_tagged(line, [listening](command& made, std::string_view rest) {
    understand(made, rest, listening);
  });
}

std::vector<std::string_view> command_usages(bool listening) {
  std::vector<std::string_view> usages;
  for (const auto& known : grammar)
    if (listening || !known.needs_listener)
      usages.push_back(known.usage);
  return usages;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(' ') == line.npos; }

} // namespace console
