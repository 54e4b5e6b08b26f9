// SPDX-License-Identifier: BSD-3-Clause
// The load generator of the benchmarks: drives a server on 127.0.0.1 and prints one line of JSON.
// Exit status: 0 all was well, 1 a connection failed or a byte was wrong, others: bad arguments.
#include "burst.hpp"
#include "churn.hpp"
#include "echo.hpp"
#include "fanout.hpp"
#include "idle.hpp"
#include "pattern.hpp"
#include "report.hpp"
#include "sink.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <iostream>

namespace {

constexpr int piece_max = load::pattern::piece_bytes_max;

template <class Options>
CLI::App& add_load(CLI::App& app, const char* name, const char* what, Options& options,
                   int size_max) {
  auto& added = *app.add_subcommand(name, what);
  added.add_option("--port", options.peer.port)->required()->check(CLI::Range(1, 65535));
  added.add_option("--server-pid", options.peer.pid, "report CPU time and memory of this process")
      ->check(CLI::PositiveNumber);
  added.add_option("--connections", options.connections)->check(CLI::Range(1, 65521));
  added.add_option("--size", options.size_bytes, "bytes of a message")
      ->check(CLI::Range(1, size_max));
  return added;
}

void add_time(CLI::App& added, load::schedule_options& time) {
  added.add_option("--seconds", time.seconds)->check(CLI::Range(0.01, 3600.0));
  added.add_option("--warmup", time.warmup_seconds, "seconds before these")
      ->check(CLI::Range(0.0, 3600.0));
}

void add_in_flight(CLI::App& added, std::size_t& in_flight) {
  added.add_option("--in-flight", in_flight, "messages under way on each connection")
      ->check(CLI::Range(1, 1 << 16));
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Load generator for servers on 127.0.0.1"};
  app.require_subcommand(1);
  std::function<int()> run;

  load::echo_options echo;
  auto& echo_app = add_load(app, "echo", "tcp-echo: messages go to and fro", echo, 1 << 30);
  add_time(echo_app, echo.time);
  add_in_flight(echo_app, echo.in_flight);
  echo_app.add_flag_callback(
      "--sleep", [&] { echo.wait = load::waiting::sleeping; },
      "wait in the kernel instead of polling: for a server that shares the core");
  echo_app.callback([&] { run = [&] { return load::report(load::run_echo(echo)); }; });

  load::burst_options burst;
  auto& burst_app = add_load(
      app, "burst", "tcp-echo: a message on each, while the server is halted", burst, piece_max);
  burst_app.get_option("--server-pid")->required();
  add_time(burst_app, burst.time);
  burst_app.callback([&] { run = [&] { return load::report(load::run_burst(burst)); }; });

  load::sink_options sink;
  auto& sink_app = add_load(app, "sink", "tcp-sink: as much as it takes", sink, piece_max);
  add_time(sink_app, sink.time);
  sink_app
      .add_option("--files", sink.files, "tcp-to-file: the directory that the server writes to")
      ->check(CLI::ExistingDirectory);
  sink_app.callback([&] { run = [&] { return load::report(load::run_sink(sink)); }; });

  load::churn_options churn;
  auto& churn_app =
      add_load(app, "churn", "tcp-echo: a connection for each message", churn, piece_max);
  add_time(churn_app, churn.time);
  churn_app.callback([&] { run = [&] { return load::report(load::run_churn(churn)); }; });

  load::idle_options idle;
  auto& idle_app = add_load(app, "idle", "tcp-echo: memory of connections", idle, piece_max);
  idle_app.callback([&] { run = [&] { return load::report(load::run_idle(idle)); }; });

  load::fanout_options fanout;
  auto& fanout_app =
      add_load(app, "fanout", "broadcast: one sends, all receive", fanout, piece_max);
  add_time(fanout_app, fanout.time);
  add_in_flight(fanout_app, fanout.in_flight);
  fanout_app.callback([&] { run = [&] { return load::report(load::run_fanout(fanout)); }; });

  CLI11_PARSE(app, argc, argv);
  try {
    return run();
  } catch (const std::exception& trouble) {
    std::cerr << "load: " << trouble.what() << '\n';
    return 1;
  }
}
