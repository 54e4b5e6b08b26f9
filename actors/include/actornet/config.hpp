// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <actornet/runtime.hpp>

#include <caf/actor_system_config.hpp>

namespace actornet {

/// CAF's configuration with our options in it, and the runtime loaded. For programs that want to
/// set them, in code or on the command line:
///
///     void caf_main(caf::actor_system& system, const actornet::config&);
///     CAF_MAIN()
///
///     actornet::config cfg;
///     cfg.set("actornet.loops", std::size_t{2}).set("actornet.backend", "epoll");
///
/// `--actornet.loops=N`: number of I/O loops; 0, the default: one per core.
/// `--actornet.backend=NAME`: `uring`, `epoll`, or `auto`, the default: io_uring where it works.
///
/// `--actornet.delivery=HOW`: `in_place`, the default, or `plain`: see <actornet/options.hpp>.
/// `--actornet.handler_budget_ms=N`: how long one turn of a handler may hold up its loop before it
/// is reported, 10 by default; 0: never. See `runtime::on_log`.
/// `--actornet.resolve_timeout_ms=N`: how long a listener or a connection waits for the addresses
/// of a name before it fails with ETIMEDOUT, 30000 by default; 0: as long as the system's resolver
/// takes.
/// `--actornet.busy_poll_us=N`: how long a loop with nothing to do keeps looking before it sleeps;
/// 0, the default: it sleeps at once. 20 to 50 make an exchange with a peer that answers at once
/// twice as fast, for a whole processor; where nothing comes so soon, it is soon given up.
/// `--actornet.receive_budget_bytes=N`: how many received bytes all connections together may hold,
/// beside the window that each has; 0, the default: any number. Beyond it, only who holds nothing
/// reads on.
///
/// A plain `caf::actor_system_config` with `load<actornet::runtime>()` does as well; it takes the
/// same options from caf-application.ini only.
class config : public caf::actor_system_config {
public:
  config() {
    opt_group{custom_options_, "actornet"}
        .add<std::size_t>("loops", "number of I/O loops, 0: one per core")
        .add<std::string>("backend", "I/O backend: auto, uring, epoll")
        .add<std::string>("delivery", "events to handlers on their loop: in_place, plain")
        .add<std::size_t>("handler_budget_ms", "a longer turn of a handler is reported, 0: none")
        .add<std::size_t>("resolve_timeout_ms", "how long a name may take, 0: no limit")
        .add<std::size_t>("busy_poll_us", "how long a loop looks before it sleeps, 0: not at all")
        .add<std::size_t>("receive_budget_bytes", "received bytes held at once, 0: no limit");
    load<runtime>();
  }
};

} // namespace actornet
