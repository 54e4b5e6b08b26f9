// SPDX-License-Identifier: BSD-3-Clause
// Two listeners and one broker, with every policy as an option; SIGTERM drains them: who is idle
// goes, who is busy may end, and the rest goes at the deadline. What the broker does is told. Try
// `guarded_server --total=3 --policy=wait tcp://127.0.0.1:8080 tcp://127.0.0.1:8081`.
#include <actornet/actornet.hpp>

#include <caf/send.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <syncstream>
#include <thread>

namespace an = actornet;

namespace {

constexpr std::int64_t none = -1;

const std::map<std::string, an::over_limit> policies{{"drop", an::over_limit::drop},
                                                     {"reset", an::over_limit::reset},
                                                     {"reply", an::over_limit::reply},
                                                     {"wait", an::over_limit::wait}};

sigset_t end_signals() {
  sigset_t result;
  sigemptyset(&result);
  sigaddset(&result, SIGTERM);
  return result;
}

} // namespace

struct options : an::config {
  std::int64_t total = 1000;
  std::int64_t per_listener = none;
  std::int64_t per_address = none;
  std::int64_t per_prefix = none;
  std::int64_t rate = none;
  std::string policy = "drop";
  std::string farewell = "no place is free\n";
  caf::timespan deadline = std::chrono::seconds(5);

  options() {
    opt_group{custom_options_, "global"} //
        .add(total, "total", "connections in all; -1: no limit")
        .add(per_listener, "per-listener", "of each listener")
        .add(per_address, "per-address", "from one address")
        .add(per_prefix, "per-prefix", "from one network: IPv4 /24, IPv6 /64")
        .add(rate, "rate", "accepts a second")
        .add(policy, "policy", "beyond that: drop, reset, reply or wait")
        .add(farewell, "farewell", "what reply says")
        .add(deadline, "deadline", "how long draining may take");
    // Here, because threads inherit it, and there are none yet: one will wait for the signal.
    auto ends = end_signals();
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  }
};

namespace {

caf::behavior echo(caf::event_based_actor* self, an::connection peer) {
  return {
      [=](const an::data& event) { self->send(peer, an::write{event.bytes}); },
      [=](const an::draining&) { self->send(peer, an::write{an::text("the server stops\n")}); },
  };
}

std::string name_of(an::limit_scope scope) {
  switch (scope) {
  case an::limit_scope::total:
    break;
  case an::limit_scope::listener:
    return "listener";
  case an::limit_scope::address:
    return "address";
  case an::limit_scope::prefix:
    return "prefix";
  case an::limit_scope::accept_rate:
    return "rate";
  }
  return "total";
}

/// Owner of the broker: says what it does.
caf::behavior broker_teller(caf::event_based_actor*) {
  return {
      [](const an::limit_reached& event) {
        // Each line as a whole: actors on other threads print, too.
        std::osyncstream(std::cout) << "limit reached: " << name_of(event.scope) << std::endl;
      },
      [](const an::limit_cleared& event) {
        std::osyncstream(std::cout) << "limit cleared: " << name_of(event.scope) << std::endl;
      },
      [](const an::drain_progress& event) {
        std::osyncstream(std::cout) << event.left << " left" << std::endl;
      },
  };
}

/// Owner of the listeners: keeps the program until the last is gone, and drains them when the time
/// has come. Keeps the teller, too, which a broker does not.
caf::behavior supervisor(caf::event_based_actor* self, const an::connection_broker& broker,
                         const caf::actor& teller, std::size_t listeners,
                         std::chrono::milliseconds deadline) {
  auto left = std::make_shared<std::size_t>(listeners);
  auto draining = std::make_shared<bool>(false);
  return {
      [](const an::listening& event) { std::cout << to_string(event.local) << std::endl; },
      [](const an::listener_failed& event) { std::cerr << to_string(event.why) << '\n'; },
      [=](const an::listener_closed&) {
        if (--*left == 0 && !*draining)
          self->quit();
      },
      [=, kept = teller](caf::close_atom) {
        *draining = true;
        self->request(broker, caf::infinite, an::stop{deadline.count()})
            .then([=](const an::stopped& report) {
              std::osyncstream(std::cout)
                  << "served " << report.served << ", finished " << report.finished << ", forced "
                  << report.forced << std::endl;
              self->quit();
            });
      },
  };
}

/// There is one such thread until the process ends.
void drain_at_sigterm(const caf::actor& whom) {
  std::thread([whom] {
    auto ends = end_signals();
    int number = 0;
    sigwait(&ends, &number);
    caf::anon_send(whom, caf::close_atom::value);
  }).detach();
}

bool listen_on(an::runtime& network, const std::string& address,
               const an::connection_broker& broker, const caf::actor& owner) {
  auto server = network.listen({.address = address,
                                .broker = broker,
                                .idle_max = std::chrono::minutes(10),
                                .first_byte_timeout = std::chrono::minutes(1),
                                .write_stall_timeout = std::chrono::seconds(30),
                                .owner = owner},
                               echo);
  if (!server)
    std::cerr << to_string(server.error()) << '\n';
  return server.has_value();
}

} // namespace

void caf_main(caf::actor_system& system, const options& cfg) {
  auto policy = policies.find(cfg.policy);
  if (policy == policies.end()) {
    std::cerr << "--policy=" << cfg.policy << ": there are drop, reset, reply and wait\n";
    return;
  }
  auto& network = an::runtime::from(system);
  auto teller = network.spawn_on_loop(broker_teller);
  auto broker = network.make_broker({.limits = {.total = cfg.total,
                                                .per_listener = cfg.per_listener,
                                                .per_address = cfg.per_address,
                                                .per_prefix = cfg.per_prefix,
                                                .accepts_per_second = cfg.rate},
                                     .policy = policy->second,
                                     .farewell = an::text(cfg.farewell),
                                     .owner = teller});
  auto addresses = cfg.remainder;
  if (addresses.empty())
    addresses = {"tcp://*:8080", "tcp://*:8081"};
  auto owner = system.spawn(supervisor, *broker, teller, addresses.size(),
                            std::chrono::duration_cast<std::chrono::milliseconds>(cfg.deadline));
  for (const auto& each : addresses)
    if (!listen_on(network, each, *broker, owner))
      return caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
  drain_at_sigterm(owner);
}

CAF_MAIN()
