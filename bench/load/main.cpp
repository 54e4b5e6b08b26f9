// SPDX-License-Identifier: BSD-3-Clause
// The load generator of the benchmarks: drives a server on 127.0.0.1 and prints one line of JSON.
// Exit status: 0 all was well, 1 a connection failed or a byte was wrong, others: bad arguments.
#include "echo.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>

namespace {

double us_of(const load::histogram& latency, double fraction) {
  return static_cast<double>(latency.quantile_ns(fraction)) / 1000;
}

double rate_of(const load::echo_result& result) {
  return result.seconds > 0 ? std::round(static_cast<double>(result.messages) / result.seconds) : 0;
}

void print(const load::echo_options& options, const load::echo_result& result) {
  const nlohmann::ordered_json line{
      {"messages", result.messages},
      {"bytes", result.messages * options.size_bytes},
      {"seconds", result.seconds},
      {"rate", rate_of(result)},
      {"p50_us", us_of(result.latency, 0.5)},
      {"p99_us", us_of(result.latency, 0.99)},
      {"p999_us", us_of(result.latency, 0.999)},
      {"server_cpu_seconds", result.server_cpu_seconds},
      {"empty_polls", result.empty_polls},
      {"connections", options.connections},
      {"size", options.size_bytes},
      {"in_flight", options.in_flight},
      {"errors", result.errors},
  };
  std::cout << line.dump() << std::endl;
}

int run(const load::echo_options& options) {
  const auto result = load::run_echo(options);
  print(options, result);
  return result.errors == 0 && result.messages > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  load::echo_options options;
  CLI::App app{"Load generator for servers on 127.0.0.1"};
  app.require_subcommand(1);
  auto* echo = app.add_subcommand("echo", "a TCP server returns what it gets");
  echo->add_option("--port", options.port)->required()->check(CLI::Range(1, 65535));
  echo->add_option("--connections", options.connections)->check(CLI::Range(1, 65521));
  echo->add_option("--size", options.size_bytes, "bytes of a message")
      ->check(CLI::Range(1, 1 << 30));
  echo->add_option("--in-flight", options.in_flight, "messages under way on each connection")
      ->check(CLI::Range(1, 1 << 16));
  echo->add_option("--seconds", options.seconds)->check(CLI::Range(0.01, 3600.0));
  echo->add_option("--warmup", options.warmup_seconds, "seconds before these")
      ->check(CLI::Range(0.0, 3600.0));
  echo->add_option("--server-pid", options.server_pid, "report the CPU time of this process")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& trouble) {
    std::cerr << "load: " << trouble.what() << '\n';
    return 1;
  }
}
