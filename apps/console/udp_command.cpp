// SPDX-License-Identifier: BSD-3-Clause
#include "udp_command.hpp"

#include "limits.hpp"
#include "operands.hpp"
#include "payload.hpp"

#include <actornet/net/address.hpp>

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace console {

namespace {

namespace an = actornet;

using maybe_message = std::optional<udp_message>;

template <class Message> maybe_message plain(operands& rest) {
  return rest.done() ? maybe_message(Message{}) : std::nullopt;
}

/// `HOST:PORT TEXT`, where the text may be missing: an empty datagram; or `TEXT`.
maybe_message send_of(operands& rest) {
  operands again = rest;
  if (auto to = destination_of(again.word())) {
    auto bytes = again.has_text() ? again.text() : an::chunk();
    return bytes ? maybe_message(an::send{std::move(*bytes), std::move(*to)}) : std::nullopt;
  }
  auto bytes = rest.text();
  return bytes ? maybe_message(an::send{std::move(*bytes)}) : std::nullopt;
}

maybe_message send_bytes_of(operands& rest) {
  operands again = rest;
  auto to = destination_of(again.word());
  if (to)
    rest = again;
  const auto count = rest.number(bytes_max);
  if (!count || !rest.done())
    return std::nullopt;
  return an::send{generated_bytes(static_cast<std::size_t>(*count)),
                  to ? std::move(*to) : an::destination()};
}

maybe_message connect_of(operands& rest) {
  auto to = destination_of(rest.word());
  return to && rest.done() ? maybe_message(an::connect{std::move(*to)}) : std::nullopt;
}

maybe_message bind_of(operands& rest) {
  auto to = destination_of(rest.word());
  const bool is_address = to && to->host.empty() && rest.done();
  return is_address ? maybe_message(an::bind{std::move(to->address)}) : std::nullopt;
}

maybe_message service_of(operands& rest) {
  const auto value = rest.number(255);
  return value && rest.done()
             ? maybe_message(an::set_type_of_service{static_cast<std::int32_t>(*value)})
             : std::nullopt;
}

maybe_message join_of(operands& rest) {
  auto what = membership_of(rest.word());
  return what && rest.done() ? maybe_message(std::move(*what)) : std::nullopt;
}

maybe_message leave_of(operands& rest) {
  auto what = membership_of(rest.word());
  if (!what || !rest.done())
    return std::nullopt;
  return an::leave{std::move(what->group), std::move(what->interface), std::move(what->source)};
}

// What is out of the range of hops is for the endpoint to refuse.
template <class Hops> maybe_message hops_of(operands& rest) {
  const auto hops = rest.number(std::numeric_limits<std::int32_t>::max());
  return hops && rest.done() ? maybe_message(Hops{static_cast<std::int32_t>(*hops)}) : std::nullopt;
}

template <class Switch> maybe_message switch_of(operands& rest) {
  const auto enabled = rest.on_or_off();
  return enabled && rest.done() ? maybe_message(Switch{*enabled}) : std::nullopt;
}

maybe_message interface_of(operands& rest) {
  const std::string name(rest.word());
  return !name.empty() && rest.done() ? maybe_message(an::set_multicast_interface{name})
                                      : std::nullopt;
}

template <maybe_message (*parse)(operands&)> std::optional<action> udp_action(operands& rest) {
  auto message = parse(rest);
  return message ? std::optional<action>(to_udp{std::move(*message)}) : std::nullopt;
}

template <class Message> constexpr auto plainly = &udp_action<&plain<Message>>;

constexpr std::array grammar{
    command_syntax{"send", "send [HOST:PORT] TEXT", &udp_action<&send_of>},
    command_syntax{"send-bytes", "send-bytes [HOST:PORT] COUNT", &udp_action<&send_bytes_of>},
    command_syntax{"bind", "bind ADDRESS:PORT", &udp_action<&bind_of>},
    command_syntax{"connect", "connect HOST:PORT", &udp_action<&connect_of>},
    command_syntax{"disconnect", "disconnect", plainly<an::disconnect>},
    command_syntax{"join", "join GROUP[@INTERFACE][,SOURCE]", &udp_action<&join_of>},
    command_syntax{"leave", "leave GROUP[@INTERFACE][,SOURCE]", &udp_action<&leave_of>},
    command_syntax{"ttl", "ttl HOPS", &udp_action<&hops_of<an::set_ttl>>},
    command_syntax{"multicast-ttl", "multicast-ttl HOPS",
                   &udp_action<&hops_of<an::set_multicast_ttl>>},
    command_syntax{"multicast-loopback", "multicast-loopback on|off",
                   &udp_action<&switch_of<an::set_multicast_loopback>>},
    command_syntax{"multicast-interface", "multicast-interface ADDRESS|NAME",
                   &udp_action<&interface_of>},
    command_syntax{"broadcast", "broadcast on|off", &udp_action<&switch_of<an::set_broadcast>>},
    command_syntax{"type-of-service", "type-of-service BYTE", &udp_action<&service_of>},
    command_syntax{"pause", "pause", plainly<an::pause>},
    command_syntax{"resume", "resume", plainly<an::resume>},
    command_syntax{"address", "address", plainly<an::get_address>},
    command_syntax{"info", "info", plainly<an::get_info>},
    command_syntax{"close", "close", plainly<an::close>},
    command_syntax{"ref", "ref", plainly<an::ref>},
    command_syntax{"unref", "unref", plainly<an::unref>},
    command_syntax{"help", "help", &program_action<show_help>},
    command_syntax{"sleep", "sleep MS", &sleep_action},
    command_syntax{"quit", "quit", &program_action<end_program>},
};

std::string every_usage() {
  std::string all;
  for (const auto& known : grammar)
    all += (all.empty() ? "expected one of: " : ", ") + std::string(known.usage);
  return all;
}

void understand(command& made, std::string_view rest) {
  for (const auto& known : grammar)
    if (known.name == made.name) {
      operands given(rest);
      made.what = known.parse(given);
      if (!made.what)
        made.complaint = "expected: " + std::string(known.usage);
      if (!made.what && known.usage.find("TEXT") != known.usage.npos)
        made.complaint += " (TEXT: the rest of the line, or a JSON string, or hex:..., or "
                          "base64:...)";
      if (!made.what)
        made.complaint += given.about_limit();
      return;
    }
  made.complaint = every_usage();
}

} // namespace

command parse_udp_command(std::string_view line) { return parse_tagged(line, &understand); }

std::vector<std::string_view> udp_command_usages() {
  std::vector<std::string_view> usages;
  for (const auto& known : grammar)
    usages.push_back(known.usage);
  return usages;
}

std::optional<an::destination> destination_of(std::string_view text) {
  if (text.starts_with("hex:") || text.starts_with("base64:"))
    return std::nullopt;
  const auto parsed = an::net::address::parse("tcp://" + std::string(text));
  if (!parsed || parsed->host == "*")
    return std::nullopt;
  if (auto numeric = parsed->numeric())
    return an::destination(std::move(*numeric));
  return an::destination(parsed->host, parsed->port);
}

std::optional<an::join> membership_of(std::string_view text) {
  an::join made;
  const auto comma = text.find(',');
  if (comma != text.npos)
    made.source = text.substr(comma + 1);
  const auto left = text.substr(0, comma);
  const auto at = left.find('@');
  if (at != left.npos)
    made.interface = left.substr(at + 1);
  made.group = left.substr(0, at);
  if (made.group.empty() || (comma != text.npos && made.source.empty()) ||
      (at != left.npos && made.interface.empty()))
    return std::nullopt;
  return made;
}

} // namespace console
