// SPDX-License-Identifier: BSD-3-Clause
#include "report.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

namespace load {

namespace {

using json = nlohmann::ordered_json;

double us_of(const histogram& latency, double fraction) {
  return static_cast<double>(latency.quantile_ns(fraction)) / 1000;
}

json line_of(const result& measured) {
  return {
      {"messages", measured.messages},
      {"bytes", measured.bytes},
      {"seconds", measured.seconds},
      {"server_cpu_seconds", measured.server_cpu_seconds},
      {"load_cpu_seconds", measured.load_cpu_seconds},
      {"empty_polls", measured.empty_polls},
      {"errors", measured.errors},
  };
}

json timed_line_of(const result& measured) {
  auto line = line_of(measured);
  line["p50_us"] = us_of(measured.latency, 0.5);
  line["p99_us"] = us_of(measured.latency, 0.99);
  line["p999_us"] = us_of(measured.latency, 0.999);
  return line;
}

int print(const json& line, bool is_well) {
  std::cout << line.dump() << std::endl;
  return is_well ? 0 : 1;
}

bool is_well(const result& measured) { return measured.errors == 0 && measured.messages > 0; }

} // namespace

int report(const result& measured) { return print(timed_line_of(measured), is_well(measured)); }

int report(const datagram_echo_result& measured) {
  auto line = timed_line_of(measured.measured);
  line["sent_datagrams"] = measured.sent_datagrams;
  line["lost_datagrams"] = measured.lost_datagrams;
  return print(line, is_well(measured.measured));
}

int report(const datagram_sink_result& measured) {
  auto line = line_of(measured.measured);
  line["sent_datagrams"] = measured.sent_datagrams;
  line["lost_datagrams"] = measured.dropped_datagrams;
  return print(line, is_well(measured.measured));
}

int report(const burst_result& measured) {
  return print({{"messages", measured.messages},
                {"seconds", measured.seconds},
                {"server_cpu_seconds", measured.server_cpu_seconds},
                {"bursts", measured.bursts}},
               true);
}

int report(const sink_result& measured) {
  auto line = line_of(measured.measured);
  line["sent_bytes"] = measured.sent_bytes;
  return print(line, is_well(measured.measured));
}

int report(const idle_result& measured) {
  return print({{"first_bytes", measured.first_bytes},
                {"open_bytes", measured.open_bytes},
                {"used_bytes", measured.used_bytes}},
               true);
}

} // namespace load
