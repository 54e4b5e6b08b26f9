// SPDX-License-Identifier: BSD-3-Clause
#include "arguments.hpp"

#include "limits.hpp"
#include "option_checks.hpp"
#include "udp_arguments.hpp"

#include <actornet/net/address.hpp>
#include <actornet/version.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

namespace console {

namespace {

namespace an = actornet;
using an::net::scheme;

/// What is read before it has its place in `arguments`.
struct raw_arguments {
  std::string address;
  std::string from;
  event_form events = event_form::text;
  reaction handler = reaction::none;
  std::string handler_target;
  std::size_t bytes_shown_max = 256;
  std::string backend = "auto";
  std::optional<std::size_t> loops;
  std::optional<double> seconds;
  int backlog = an::listen_options{}.backlog;
  std::optional<std::size_t> max_connections;
  an::over_limit policy = an::over_limit::drop;
  std::string farewell = "no place is free\n";
  std::optional<std::int64_t> max_per_address;
  std::optional<std::int64_t> max_per_prefix;
  std::optional<std::int64_t> accept_rate;
  an::net::address_list allow;
  an::net::address_list deny;
  bool reuse_port = false;
  bool ipv6_only = false;
  bool pause_on_connect = false;
  std::int64_t connect_timeout_ms = 0;
  std::optional<int> family;
  bool half_open = false;
  std::optional<an::text_encoding> encoding;
  std::int64_t idle_timeout_ms = 0;
  std::optional<std::int64_t> keep_alive_ms;
  bool no_delay = false;
  std::size_t high_water_mark_bytes = an::listen_options{}.high_water_mark_bytes;
  bool unreferenced = false;
  udp_arguments udp;
};

void add_encoding(CLI::App& app, raw_arguments& raw) {
  const auto is_known = [](std::string& name) {
    const auto found = an::net::text_encoding_named(name);
    return found ? std::string() : found.error().message();
  };
  app.add_option_function<std::string>(
         "--encoding",
         [&raw](const std::string& name) {
           raw.encoding = an::net::text_encoding_named(name).value();
         },
         "utf8, utf16le, latin1, ascii, hex, base64 or base64url: what comes is text")
      ->check(CLI::Validator(is_known, ""))
      ->type_name("NAME");
}

void add_common_options(CLI::App& app, raw_arguments& raw) {
  app.add_option("ADDRESS", raw.address)->required();
  add_choice(app, "--events", raw.events, "text, json or none: how events are printed",
             {{"text", event_form::text}, {"json", event_form::json}, {"none", event_form::none}});
  app.add_option("--show-bytes", raw.bytes_shown_max, "of a payload, an event shows so many")
      ->check(between<std::int64_t>(0, bytes_max));
  app.add_option("--backend", raw.backend, "auto, uring or epoll: the I/O backend")
      ->check(CLI::IsMember({"auto", "uring", "epoll"}));
  app.add_option("--loops", raw.loops, "I/O loops; default: 1")->check(between<int>(1, loops_max));
  app.add_option("--seconds", raw.seconds, "stop by itself after so many")
      ->check(between<double>(0, seconds_max));
  app.add_flag("--unref", raw.unreferenced, "start unreferenced: hold no process");
}

void add_stream_options(CLI::App& app, raw_arguments& raw) {
  app.add_flag("--half-open", raw.half_open, "the peer's end does not end our side");
  app.add_option("--idle-timeout", raw.idle_timeout_ms, "ms of silence before `timeout`")
      ->check(between<std::int64_t>(0, duration_ms_max));
  add_encoding(app, raw);
  app.add_option("--keep-alive", raw.keep_alive_ms, "ms of silence before the first probe")
      ->check(between<std::int64_t>(0, duration_ms_max));
  app.add_flag("--no-delay", raw.no_delay, "small writes leave at once");
  app.add_option("--high-water-mark", raw.high_water_mark_bytes,
                 "queued bytes from which a write says not to keep going")
      ->check(between<std::int64_t>(0, bytes_max));
}

/// May be given several times, each time with one address or subnet.
void add_list(CLI::App& app, const std::string& name, an::net::address_list& list,
              const std::string& text) {
  app.add_option_function<std::vector<std::string>>(
         name,
         [&list](const std::vector<std::string>& given) {
           list = an::net::address_list::parse({given.begin(), given.end()}).value();
         },
         text)
      ->check(CLI::Validator(
          [](std::string& given) -> std::string {
            const auto rule = an::net::address_rule::parse(given);
            return rule ? std::string() : rule.error().message();
          },
          ""))
      ->type_name("CIDR")
      ->allow_extra_args(false);
}

/// What is wrong with an address; empty when nothing is.
std::string fault_of_stream(const std::string& text, bool is_listen) {
  const auto parsed = an::net::address::parse(text);
  const std::string right = "; an address is tcp://HOST:PORT, unix:PATH, unix:@NAME or fd:N";
  if (!parsed)
    return text + ": " + parsed.error().message() + right;
  if (parsed->use == scheme::udp4 || parsed->use == scheme::udp6)
    return text + ": neither listen nor connect take datagrams" + right;
  if (parsed->host == "*" && !is_listen)
    return text + ": * is for listen; connect takes one host, such as localhost";
  return {};
}

/// The handler that a word stands for, and what stands behind its colon; or what is wrong.
std::string read_handler(const std::string& text, reaction& handler, std::string& target) {
  const names<reaction> words{{"console", reaction::none},
                              {"echo", reaction::echo},
                              {"discard", reaction::discard},
                              {"chat", reaction::chat}};
  const auto colon = text.find(':');
  const auto word = text.substr(0, colon);
  target = colon == text.npos ? std::string() : text.substr(colon + 1);
  for (const auto& [name, value] : words)
    if (text == name) {
      handler = value;
      return {};
    }
  if (word == "file" && !target.empty()) {
    handler = reaction::file;
    return {};
  }
  if (word == "forward" && !target.empty()) {
    handler = reaction::forward;
    return fault_of_stream(target, false);
  }
  return '\'' + text + "' is not one of console, echo, discard, chat, file:PATH, forward:ADDRESS";
}

void add_handler(CLI::App& app, raw_arguments& raw) {
  app.add_option_function<std::string>(
         "--handler",
         [&raw](const std::string& text) { read_handler(text, raw.handler, raw.handler_target); },
         "console, echo, discard, chat, file:PATH or forward:ADDRESS: what a connection's handler "
         "does")
      ->check(CLI::Validator(
          [](std::string& text) {
            reaction handler{};
            std::string target;
            return read_handler(text, handler, target);
          },
          ""))
      ->type_name("HANDLER");
}

CLI::App* add_listen(CLI::App& app, raw_arguments& raw) {
  auto* listen = app.add_subcommand("listen", "a TCP or unix server");
  add_common_options(*listen, raw);
  add_stream_options(*listen, raw);
  add_handler(*listen, raw);
  listen->add_option("--backlog", raw.backlog, "clients that wait in the kernel")
      ->check(between<int>(0, std::numeric_limits<int>::max()));
  listen
      ->add_option("--max-connections", raw.max_connections,
                   "what comes beyond is treated as --over-limit says")
      ->check(between<std::int64_t>(0, connections_max));
  add_choice(*listen, "--over-limit", raw.policy,
             "drop, reset, wait or reply: what becomes of clients beyond a limit",
             {{"drop", an::over_limit::drop},
              {"reset", an::over_limit::reset},
              {"wait", an::over_limit::wait},
              {"reply", an::over_limit::reply}});
  listen->add_option("--farewell", raw.farewell, "TEXT that `reply` says to them");
  listen
      ->add_option("--max-per-address", raw.max_per_address,
                   "connections from one address; what comes beyond is dropped, or reset")
      ->check(between<std::int64_t>(0, connections_max));
  listen
      ->add_option("--max-per-prefix", raw.max_per_prefix,
                   "the same from one network: IPv4 /24, IPv6 /64")
      ->check(between<std::int64_t>(0, connections_max));
  listen
      ->add_option("--accept-rate", raw.accept_rate,
                   "connections a second; what comes faster is treated as --over-limit says")
      ->check(between<std::int64_t>(0, connections_max));
  add_list(*listen, "--allow", raw.allow,
           "address or subnet; the clients of all others are dropped");
  add_list(*listen, "--deny", raw.deny, "address or subnet whose clients are dropped");
  listen->add_flag("--reuse-port", raw.reuse_port, "share the port (SO_REUSEPORT)");
  listen->add_flag("--ipv6-only", raw.ipv6_only, "[::] takes no IPv4 clients");
  listen->add_flag("--pause-on-connect", raw.pause_on_connect, "connections begin paused");
  return listen;
}

CLI::App* add_connect(CLI::App& app, raw_arguments& raw) {
  auto* connect = app.add_subcommand("connect", "a TCP or unix client");
  add_common_options(*connect, raw);
  add_stream_options(*connect, raw);
  connect->add_option("--from", raw.from,
                      "ADDRESS to connect from, such as tcp://127.0.0.2:0 or unix:@NAME");
  connect
      ->add_option("--connect-timeout", raw.connect_timeout_ms,
                   "ms for everything from the name to the handshake")
      ->check(between<std::int64_t>(0, duration_ms_max));
  connect->add_option("--family", raw.family, "4 or 6: of a name's addresses only these")
      ->transform(one_of<int>({{"4", 4}, {"6", 6}}));
  return connect;
}

CLI::App* add_udp(CLI::App& app, raw_arguments& raw) {
  auto* udp = app.add_subcommand("udp", "a UDP endpoint");
  add_common_options(*udp, raw);
  add_udp_options(*udp, raw.udp);
  return udp;
}

template <class Options> Options options_of(const raw_arguments& raw) {
  Options made;
  made.address = raw.address;
  made.allow_half_open = raw.half_open;
  made.encoding = raw.encoding;
  made.no_delay = raw.no_delay;
  if (raw.keep_alive_ms)
    made.keep_alive = an::keep_alive_options{true, std::chrono::milliseconds(*raw.keep_alive_ms)};
  made.idle_timeout = std::chrono::milliseconds(raw.idle_timeout_ms);
  made.high_water_mark_bytes = raw.high_water_mark_bytes;
  made.write_queue_bytes_max = write_queue_bytes_max;
  made.unreferenced = raw.unreferenced;
  return made;
}

an::listen_options listen_options_of(const raw_arguments& raw) {
  auto made = options_of<an::listen_options>(raw);
  made.backlog = raw.backlog;
  made.max_connections = raw.max_connections;
  made.reuse_port = raw.reuse_port;
  made.ipv6_only = raw.ipv6_only;
  // Bytes must not come before they are piped.
  made.pause_on_connect =
      raw.pause_on_connect || raw.handler == reaction::file || raw.handler == reaction::forward;
  made.dropped_events_max = 0; // each is printed
  return made;
}

an::broker_options broker_options_of(const raw_arguments& raw) {
  return {.limits = {.per_address = raw.max_per_address.value_or(-1),
                     .per_prefix = raw.max_per_prefix.value_or(-1),
                     .accepts_per_second = raw.accept_rate.value_or(-1)},
          .policy = raw.policy,
          .farewell = an::net::text(raw.farewell),
          .allow = raw.allow,
          .deny = raw.deny};
}

an::connect_options connect_options_of(const raw_arguments& raw) {
  using an::net::address_family;
  auto made = options_of<an::connect_options>(raw);
  made.from = raw.from;
  made.connect_timeout = std::chrono::milliseconds(raw.connect_timeout_ms);
  if (raw.family)
    made.family = *raw.family == 4 ? address_family::ipv4 : address_family::ipv6;
  return made;
}

an::udp_options udp_options_of(const raw_arguments& raw) {
  auto made = raw.udp.options;
  made.address = raw.address;
  made.unreferenced = raw.unreferenced;
  made.send_queue_bytes_max = write_queue_bytes_max;
  return made;
}

/// The same of a UDP address.
std::string fault_of_udp(const std::string& text) {
  const auto parsed = an::net::address::parse(text);
  const std::string right =
      "; an address is udp4://HOST:PORT, udp6://HOST:PORT, udp4:, udp6: or fd:N";
  if (!parsed)
    return text + ": " + parsed.error().message() + right;
  if (parsed->use != scheme::udp4 && parsed->use != scheme::udp6 &&
      parsed->use != scheme::descriptor)
    return text + ": udp takes datagrams only" + right;
  if (parsed->use != scheme::descriptor && !parsed->host.empty() && !parsed->numeric() &&
      parsed->host != "localhost")
    return text + ": the address to bind to must be numeric, or localhost" + right;
  return {};
}

/// A socket is bound in its own address family: `from` has to be of the kind of `to`, which is an
/// address.
std::string fault_of_from(const std::string& text, const std::string& to) {
  const auto parsed = an::net::address::parse(text);
  if (!parsed)
    return "--from: " + parsed.error().message();
  const auto kind = an::net::address::parse(to)->use;
  if (kind == scheme::descriptor)
    return "--from: " + to + " is connected already";
  if (kind == scheme::unix_socket && parsed->use != scheme::unix_socket)
    return "--from: " + text + " is not a unix socket, as " + to + " is: unix:PATH or unix:@NAME";
  if (kind == scheme::tcp &&
      (parsed->use != scheme::tcp || parsed->host == "*" || !parsed->numeric()))
    return "--from: " + text + " is not a numeric TCP address, such as tcp://127.0.0.2:0";
  return {};
}

/// One line, whatever was in the argument that is quoted.
std::string in_one_line(std::string sentence) {
  std::replace_if(
      sentence.begin(), sentence.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return sentence;
}

std::string options_in_words(const CLI::App& app) {
  std::string all;
  for (const auto* option : app.get_options())
    if (!option->get_positional())
      all += (all.empty() ? "" : " ") + option->get_name();
  return all;
}

/// The message of CLI11, and what there is instead of the unknown.
std::string sentence_of(const CLI::ParseError& trouble, const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty())
    return std::string(trouble.what()) + "; usage: actornet listen|connect|udp ADDRESS [options]";
  const auto& command = *chosen.front();
  std::string sentence = command.get_name() + ": " + trouble.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&trouble))
    sentence += "; options are " + options_in_words(command);
  return sentence + "; see actornet " + command.get_name() + " --help";
}

} // namespace

int refuse_usage(const std::string& sentence) {
  complain("actornet: " + in_one_line(sentence));
  return 2;
}

std::variant<arguments, int> parse_arguments(int argc, const char* const* argv) {
  raw_arguments raw;
  CLI::App app{
      "Starts endpoints, prints each message that they emit, and turns lines of input into "
      "commands to them",
      "actornet"};
  app.set_version_flag("--version", std::string("actornet ") + an::version);
  app.require_subcommand(1);
  const auto* listen = add_listen(app, raw);
  add_connect(app, raw);
  const auto* udp = add_udp(app, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& trouble) {
    return refuse_usage(sentence_of(trouble, app));
  }
  const auto fault_of_address =
      udp->parsed() ? fault_of_udp(raw.address) : fault_of_stream(raw.address, listen->parsed());
  if (!fault_of_address.empty())
    return refuse_usage(fault_of_address);
  if (const auto fault = raw.from.empty() ? "" : fault_of_from(raw.from, raw.address);
      !fault.empty())
    return refuse_usage(fault);

  arguments result;
  if (listen->parsed()) {
    result.start = listen_options_of(raw);
    result.broker = broker_options_of(raw);
  } else if (udp->parsed()) {
    result.start = udp_options_of(raw);
  } else {
    result.start = connect_options_of(raw);
  }
  result.handler = raw.udp.echo ? reaction::echo : raw.handler;
  result.handler_target = raw.handler_target;
  result.is_paused_by_user = raw.pause_on_connect;
  result.events = raw.events;
  result.bytes_shown_max = raw.bytes_shown_max;
  result.backend = raw.backend;
  result.loops = raw.loops;
  result.seconds = raw.seconds;
  return result;
}

} // namespace console
