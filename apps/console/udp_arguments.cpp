// SPDX-License-Identifier: BSD-3-Clause
#include "udp_arguments.hpp"

#include "limits.hpp"
#include "option_checks.hpp"
#include "udp_command.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace console {

namespace {

CLI::Validator is_destination() {
  return CLI::Validator(
      [](std::string& text) {
        return destination_of(text) ? std::string() : "'" + text + "' is not HOST:PORT";
      },
      "");
}

CLI::Validator is_membership() {
  return CLI::Validator(
      [](std::string& text) {
        const auto what = membership_of(text);
        if (!what)
          return "'" + text + "' is not GROUP[@INTERFACE][,SOURCE]";
        const auto group = actornet::net::endpoint::parse_ip(what->group, 0);
        return group ? std::string() : group.error().message();
      },
      "");
}

void add_multicast_options(CLI::App& app, udp_arguments& into) {
  auto& options = into.options;
  app.add_option_function<std::vector<std::string>>(
         "--join",
         [&options](const std::vector<std::string>& given) {
           for (const auto& each : given)
             options.groups.push_back(membership_of(each).value());
         },
         "a multicast group to be a member of")
      ->check(is_membership())
      ->type_name("GROUP[@INTERFACE][,SOURCE]")
      ->allow_extra_args(false);
  app.add_option("--multicast-ttl", options.multicast_ttl, "how far what is sent to groups goes")
      ->check(between<int>(0, 255));
  app.add_option_function<int>(
         "--multicast-loopback", [&options](int value) { options.multicast_loopback = value == 1; },
         "on or off: whether members on this host get what is sent")
      ->transform(one_of<int>({{"on", 1}, {"off", 0}}))
      ->type_name("on|off");
  app.add_option("--multicast-interface", options.multicast_interface,
                 "address or name of the interface by which it leaves");
}

void add_report_options(CLI::App& app, actornet::udp_options& into) {
  app.add_flag("--report-local", into.report_local_address,
               "tell what address each was sent to, and where it came in; echo from there");
  app.add_flag("--report-time", into.report_time, "tell when the kernel had it");
  app.add_flag("--report-service", into.report_type_of_service, "tell its type of service");
  app.add_flag("--receive-offload", into.receive_offload, "take many from the kernel at once");
  app.add_option_function<std::int64_t>(
         "--coalescing-us",
         [&into](std::int64_t us) { into.coalescing = std::chrono::microseconds(us); },
         "how long one may wait for others, where they follow closely")
      ->check(between<std::int64_t>(0, 1'000'000));
}

} // namespace

void add_udp_options(CLI::App& app, udp_arguments& into) {
  auto& options = into.options;
  app.add_flag("--echo", into.echo, "what a peer sends, it gets back");
  app.add_option("--connect", options.connect_to, "hear of this peer only, and send to it")
      ->check(is_destination())
      ->type_name("HOST:PORT");
  add_multicast_options(app, into);
  app.add_flag("--broadcast", options.broadcast, "allow sending to broadcast addresses");
  app.add_option("--ttl", options.ttl, "hops")->check(between<int>(1, 255));
  app.add_option("--type-of-service", options.type_of_service, "DSCP and ECN, a byte")
      ->check(between<int>(0, 255));
  app.add_flag("--reuse-address", options.reuse_address, "share the address (SO_REUSEADDR)");
  app.add_flag("--reuse-port", options.reuse_port, "share the port (SO_REUSEPORT)");
  app.add_flag("--ipv6-only", options.ipv6_only, "[::] takes no IPv4 datagrams");
  add_report_options(app, options);
  app.add_option("--receive-buffer", options.receive_buffer_bytes, "SO_RCVBUF in bytes")
      ->check(between<std::int64_t>(0, std::numeric_limits<int>::max()));
  app.add_option("--send-buffer", options.send_buffer_bytes, "SO_SNDBUF in bytes")
      ->check(between<std::int64_t>(0, std::numeric_limits<int>::max()));
}

} // namespace console
